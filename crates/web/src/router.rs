//! Every route, in one list: the router is made of it, and so is the test that asks each as a stranger.

use crate::{api, guard::guard, page, state::State};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post, put},
};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

/// Who may call a route at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anyone,
    /// Whoever is signed in on the screen.
    SignedIn,
    /// Programs with a token, and whoever is signed in.
    Caller,
}

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
}

macro_rules! routes {
    ($($method:ident $path:literal $who:ident $handler:path),+ $(,)?) => {
        /// Every route.
        pub const ROUTES: &[Route] = &[ $( Route { method: stringify!($method), path: $path, who: Who::$who }, )+ ];

        fn all() -> Router<State> {
            let mut router: Router<State> = Router::new();
            $( let handler: MethodRouter<State> = $method($handler); router = router.route($path, handler); )+
            router
        }
    };
}

routes! {
    get "/" SignedIn page::home,
    get "/sign-in" Anyone page::sign_in_form,
    post "/sign-in" Anyone page::sign_in,
    get "/sign-in/code" Anyone page::code_form,
    post "/sign-in/code" Anyone page::enter_code,
    post "/sign-in/passkey" Anyone page::enter_passkey,
    get "/forgotten-password" Anyone page::forgotten,
    post "/forgotten-password" Anyone page::ask_reset,
    get "/reset/{token}" Anyone page::reset_form,
    post "/reset/{token}" Anyone page::reset_code,
    post "/reset/{token}/passkey" Anyone page::reset_passkey,
    post "/sign-out" SignedIn page::sign_out,
    get "/welcome" Anyone page::welcome,
    get "/welcome/terms" Anyone page::terms,
    post "/welcome/terms" Anyone page::accept_terms,
    get "/welcome/second-factor" Anyone page::road_factor,
    post "/welcome/second-factor" Anyone page::road_confirm,
    post "/welcome/passkey" Anyone page::road_passkey,
    post "/welcome/second-factor/skip" Anyone page::road_skip,
    get "/welcome/recovery-codes" Anyone page::road_codes,
    post "/welcome/recovery-codes" Anyone page::road_end,
    get "/welcome/operators" SignedIn page::first_operators,
    get "/security" SignedIn page::security,
    post "/security/on" SignedIn page::factor_on,
    get "/security/second-factor" SignedIn page::factor,
    post "/security/second-factor" SignedIn page::factor_confirm,
    post "/security/off" SignedIn page::factor_off,
    get "/security/recovery-codes" SignedIn page::fresh_codes,
    post "/security/recovery-codes" SignedIn page::new_codes,
    post "/security/passkey/on" SignedIn page::passkey_on,
    post "/security/passkey" SignedIn page::passkey_add,
    post "/security/passkey/off" SignedIn page::passkey_off,
    post "/security/password" SignedIn page::change_password,
    get "/operators" SignedIn page::operators,
    post "/operators/notes" SignedIn page::see_notes,
    post "/operators/mailbox" SignedIn page::ask_mailbox,
    get "/mailbox/{token}" Anyone page::mailbox_form,
    post "/mailbox/{token}" Anyone page::prove_mailbox,
    get "/ids" SignedIn page::ids,
    post "/operators" SignedIn page::add_operator,
    get "/operators/{id}" SignedIn page::operator,
    post "/operators/{id}" SignedIn page::change_operator,
    get "/set-password/{token}" Anyone page::password_form,
    post "/set-password/{token}" Anyone page::set_password,
    get "/sessions" SignedIn page::sessions,
    post "/sessions/{id}/end" SignedIn page::end_session,
    post "/sessions/end-others" SignedIn page::end_others,
    get "/about" Anyone page::about,
    get "/help" Anyone page::help,
    get "/help/card" Anyone page::help_card,
    get "/healthz" Anyone page::health,
    get "/assets/{hash}/{*path}" Anyone page::asset,
    get "/board" SignedIn page::board,
    get "/board/events" SignedIn page::events,
    get "/board/map-ground" SignedIn page::map_ground,
    get "/board/kept" SignedIn page::kept,
    get "/board/kept/strip" SignedIn page::kept_strip,
    post "/board/kept" SignedIn page::keep,
    get "/board/sharing" SignedIn page::sharing,
    post "/board/sharing" SignedIn page::set_sharing,
    post "/board/other-system" SignedIn page::set_other_system,
    get "/board.csv" SignedIn page::csv,
    get "/board.xlsx" SignedIn page::xlsx,
    get "/hospitals/{code}" SignedIn page::hospital,
    get "/hospitals/{code}/reports" SignedIn page::history,
    get "/hospitals/{code}/reports/{date}/versions/{version}/full" SignedIn page::one_version,
    get "/hospitals/{code}/why/{item}" SignedIn page::why,
    get "/corrections" SignedIn page::corrections,
    get "/corrections/{id}" SignedIn page::correction,
    post "/corrections/{id}" SignedIn page::decide_correction,
    post "/office/settings/correction-window" SignedIn page::set_correction_window,
    get "/report" SignedIn page::mine,
    get "/quick" SignedIn page::quick,
    get "/quick/shell" SignedIn page::quick_shell,
    get "/quick-worker.js" Anyone page::quick_worker,
    get "/manifest.webmanifest" Anyone page::manifest,
    get "/board.webmanifest" Anyone page::board_manifest,
    get "/board-worker.js" Anyone page::board_worker,
    get "/hospitals/{code}/quick" SignedIn page::hospital_quick,
    post "/hospitals/{code}/quick" SignedIn page::update_quickly,
    get "/hospitals/{code}/patterns" SignedIn page::patterns,
    post "/hospitals/{code}/patterns" SignedIn page::change_patterns,
    get "/report/files" SignedIn page::report_files,
    post "/report/files" SignedIn page::check_report_file,
    get "/report/files/template.xlsx" SignedIn page::report_template_xlsx,
    get "/report/files/template.csv" SignedIn page::report_template_csv,
    post "/report/files/save" SignedIn page::take_report_file,
    get "/report/files/{number}" SignedIn page::report_file,
    get "/report/sheets" SignedIn page::report_sheets,
    get "/report/pile" SignedIn page::report_pile,
    post "/report/pile" SignedIn page::enter_pile,
    get "/hospitals/{code}/reports/{date}" SignedIn page::form,
    post "/hospitals/{code}/reports/{date}" SignedIn page::submit,
    post "/hospitals/{code}/reports/{date}/confirmation" SignedIn page::confirm,
    get "/hospitals/{code}/reports/{date}/versions/{version}" SignedIn page::receipt,
    get "/board/past" SignedIn page::past_board,
    get "/open-data" SignedIn page::open_data,
    get "/open-data/{date}/daily.csv" SignedIn page::open_data_csv,
    get "/open-data/{date}/daily.schema.json" SignedIn page::open_data_schema,
    get "/wall" SignedIn page::wall,
    get "/wall/events" SignedIn page::wall_events,
    post "/wall/watch" SignedIn page::take_watch,
    get "/terminals" SignedIn page::terminals,
    post "/terminals" SignedIn page::grant_terminal,
    post "/terminals/{id}/end" SignedIn page::end_terminal,
    get "/terminal/{token}" Anyone page::terminal_link,
    post "/terminal/{token}" Anyone page::open_terminal,
    get "/surveys" SignedIn page::surveys,
    get "/surveys/{survey}/items" SignedIn page::survey_items,
    post "/surveys/{survey}/items" SignedIn page::set_survey_items,
    get "/surveys/{survey}/hospitals" SignedIn page::survey_respondents,
    post "/surveys/{survey}/hospitals" SignedIn page::name_survey_hospitals,
    get "/surveys/{survey}/answers" SignedIn page::survey_answers,
    get "/surveys/{survey}/answers.csv" SignedIn page::survey_answers_csv,
    get "/answers/{code}/{survey}" SignedIn page::answer_history,
    get "/answers/{code}/{survey}/{date}" SignedIn page::answer_form,
    post "/answers/{code}/{survey}/{date}" SignedIn page::submit_answer,
    post "/answers/{code}/{survey}/{date}/confirmation" SignedIn page::confirm_answer,
    get "/answers/{code}/{survey}/{date}/versions/{version}" SignedIn page::answer_receipt,
    get "/completeness" SignedIn page::completeness,
    get "/completeness/events" SignedIn page::completeness_events,
    get "/completeness/reminders" SignedIn page::reminders,
    post "/completeness/reminders" SignedIn page::send_reminders,
    get "/completeness/calls" SignedIn page::calls,
    post "/completeness/calls" SignedIn page::note_call,
    get "/completeness/settings" SignedIn page::completeness_settings,
    post "/completeness/settings" SignedIn page::set_completeness,
    get "/queries" SignedIn page::queries,
    get "/queries/new" SignedIn page::new_query_form,
    post "/queries/new" SignedIn page::new_query,
    get "/queries/{id}" SignedIn page::query,
    post "/queries/{id}" SignedIn page::change_query,
    get "/queries/{id}/answers.csv" SignedIn page::query_csv,
    get "/queries/{id}/answers/{code}" SignedIn page::query_answer_form,
    post "/queries/{id}/answers/{code}" SignedIn page::answer_query,
    get "/applications" SignedIn page::applications,
    post "/applications/submission" SignedIn page::submit_applications,
    post "/applications/agreement" SignedIn page::agree_to_applications,
    get "/applications/bundles/{number}" SignedIn page::application_bundle,
    get "/applications/sheet" SignedIn page::application_sheet,
    post "/applications/sheet" SignedIn page::check_application_sheet,
    get "/applications/sheet.xlsx" SignedIn page::application_template,
    post "/applications/sheet/save" SignedIn page::save_application_sheet,
    get "/applications/new" SignedIn page::new_application_form,
    post "/applications/new" SignedIn page::new_application,
    get "/applications/hospitals" SignedIn page::hospital_applications,
    get "/applications/hospitals/{id}" SignedIn page::hospital_application,
    post "/applications/hospitals/{id}" SignedIn page::decide_hospital_application,
    post "/applications/hospitals/{id}/address" SignedIn page::correct_hospital_address,
    get "/applications/{id}" SignedIn page::application,
    post "/applications/{id}" SignedIn page::change_application,
    post "/applications/{id}/steps" SignedIn page::step_application,
    post "/applications/{id}/comments" SignedIn page::comment_on,
    post "/applications/{id}/link" SignedIn page::link_application,
    post "/applications/{id}/hand-over" SignedIn page::hand_over_application,
    get "/apply/hospital" Anyone page::apply_hospital_form,
    post "/apply/hospital" Anyone page::ask_to_apply,
    get "/apply/hospital/{token}" Anyone page::hospital_link,
    post "/apply/hospital/{token}" Anyone page::apply_by_link,
    get "/apply/{token}" Anyone page::apply_form,
    post "/apply/{token}" Anyone page::apply,
    get "/office" SignedIn page::office,
    post "/office/steps" SignedIn page::office_steps,
    get "/office/applications/{id}" SignedIn page::office_application,
    post "/office/applications/{id}/comments" SignedIn page::comment_on_application,
    post "/office/applications/{id}/hand-over" SignedIn page::hand_over_at_office,
    post "/office/applications/{id}/address" SignedIn page::correct_invited_address,
    get "/office/invitations" SignedIn page::invitation_form,
    post "/office/invitations" SignedIn page::invite,
    get "/office/settings" SignedIn page::office_settings,
    post "/office/settings" SignedIn page::set_office,
    get "/office/announcements" SignedIn page::office_announcements,
    get "/office/announcements/new" SignedIn page::new_announcement_form,
    post "/office/announcements/new" SignedIn page::new_announcement,
    get "/office/announcements/{id}" SignedIn page::office_announcement,
    post "/office/announcements/{id}" SignedIn page::change_announcement,
    get "/office/surveys" SignedIn page::office_surveys,
    post "/office/surveys" SignedIn page::new_survey,
    get "/office/surveys/{survey}" SignedIn page::office_survey,
    post "/office/surveys/{survey}" SignedIn page::change_survey,
    get "/office/surveys/{survey}/answers" SignedIn page::prefecture_answers,
    get "/office/surveys/{survey}/versions/{version}" SignedIn page::version_preview,
    post "/office/surveys/{survey}/versions/{version}" SignedIn page::try_version,
    get "/office/surveys/{survey}/draft" SignedIn page::survey_draft,
    post "/office/surveys/{survey}/draft" SignedIn page::change_draft,
    get "/office/surveys/{survey}/draft/preview" SignedIn page::preview,
    post "/office/surveys/{survey}/draft/preview" SignedIn page::try_draft,
    get "/office/surveys/{survey}/draft/new-item" SignedIn page::new_item_form,
    post "/office/surveys/{survey}/draft/new-item" SignedIn page::add_item,
    get "/office/surveys/{survey}/draft/items/{item}" SignedIn page::item_form,
    post "/office/surveys/{survey}/draft/items/{item}" SignedIn page::change_item,
    get "/office/surveys/{survey}/draft/new-rule" SignedIn page::new_rule_form,
    post "/office/surveys/{survey}/draft/new-rule" SignedIn page::add_rule,
    get "/office/surveys/{survey}/draft/rules/{rule}" SignedIn page::rule_form,
    post "/office/surveys/{survey}/draft/rules/{rule}" SignedIn page::change_rule,
    get "/announcements" SignedIn page::announcements,
    get "/announcements/{id}" SignedIn page::announcement,
    get "/mail/{token}" Anyone page::notice,
    post "/mail/{token}/password-mail" Anyone page::notice_password_mail,
    get "/api" Anyone api::reference,
    get "/api/openapi.json" Anyone api::document,
    get "/api/v1/board" Caller api::board,
    get "/api/v1/board/events" Caller api::events,
    get "/api/v1/hospitals/{code}/reports/{date}" Caller api::get_report,
    put "/api/v1/hospitals/{code}/reports/{date}" Caller api::put_report,
    get "/api/v1/hospitals/{code}/reports" Caller api::report_history,
    get "/api/v1/hospitals" Caller api::hospitals,
    get "/api/v1/surveys" Caller api::surveys,
    post "/api/v1/reports" Caller api::post_reports,
    get "/keys" SignedIn page::keys,
    post "/keys" SignedIn page::make_key,
    get "/keys/{id}" SignedIn page::key,
    post "/keys/{id}" SignedIn page::change_key,
    post "/keys/{id}/end" SignedIn page::revoke_key,
}

/// The largest body that is taken: a report has some two kilobytes.
const BODY: usize = 256 * 1024;

/// All of it, with what surrounds each request.
pub fn router(state: State) -> Router {
    all()
        // Together: each layer of its own costs every request an allocation or two.
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(state.clone(), guard))
                .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
                .layer(CatchPanicLayer::new())
                .layer(DefaultBodyLimit::max(BODY)),
        )
        .with_state(state)
}
