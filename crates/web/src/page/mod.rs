//! The pages: one file per screen.

mod account;
mod announcement;
mod answer;
mod app;
mod application;
mod apply_hospital;
mod board;
mod completeness;
mod completeness_settings;
mod correction;
mod help;
mod history;
mod hospital;
mod ids;
mod invitation;
mod kept;
mod keys;
mod mailbox;
mod notice;
mod office;
mod office_announcement;
mod open_data;
mod operators;
mod paper;
mod passkey;
mod past_board;
mod pattern;
mod picture;
mod query;
mod quick;
mod report;
mod reset;
mod security;
mod sharing;
mod sign_in;
mod survey;
mod survey_draft;
mod survey_editor;
mod survey_item;
mod survey_preview;
mod upload;
mod wall;
mod welcome;

pub use account::{about, asset, end_others, end_session, health, home, sessions, sign_out};
pub use announcement::{announcement, announcements};
pub use answer::{answer_form, answer_history, answer_receipt, confirm_answer, submit_answer};
pub use app::{board_manifest, board_worker, manifest, quick_worker};
pub use application::{
    agree_to_applications, application, application_bundle, application_sheet, application_template, applications, apply, apply_form,
    change_application, check_application_sheet, comment_on, correct_hospital_address, decide_hospital_application, hand_over_application,
    hospital_application, hospital_applications, link_application, new_application, new_application_form, save_application_sheet,
    step_application, submit_applications,
};
pub use apply_hospital::{apply_by_link, apply_hospital_form, ask_to_apply, hospital_link};
pub use board::{board, csv, events, map_ground, xlsx};
pub use completeness::{calls, completeness, completeness_events, note_call, reminders, send_reminders};
pub use completeness_settings::{completeness_settings, set_completeness};
pub use correction::{correction, corrections, decide_correction, set_correction_window};
pub use help::{help, help_page};
pub use history::{history, one_version, why};
pub use hospital::hospital;
pub use ids::ids;
pub use invitation::{correct_invited_address, invitation_form, invite};
pub use kept::{keep, kept, kept_strip};
pub use keys::{change_key, key, keys, make_key, revoke_key};
pub use mailbox::{ask_mailbox, mailbox_form, prove_mailbox, see_notes};
pub use notice::{notice, notice_password_mail};
pub use office::{comment_on_application, hand_over_at_office, office, office_application, office_settings, office_steps, set_office};
pub use office_announcement::{change_announcement, new_announcement, new_announcement_form, office_announcement, office_announcements};
pub use open_data::{open_data, open_data_csv, open_data_schema};
pub use operators::{add_operator, change_operator, first_operators, operator, operators};
pub use paper::{
    check_report_file, enter_pile, report_file, report_files, report_pile, report_sheets, report_template_csv, report_template_xlsx,
    take_report_file,
};
pub use passkey::{enter_passkey, fresh_codes, passkey_add, passkey_off, passkey_on, road_passkey};
pub use past_board::past_board;
pub use pattern::{change_patterns, patterns};
pub use picture::{nation, nation_csv, picture, picture_csv, picture_events, picture_settings, see_alert, set_picture};
pub use query::{answer_query, change_query, new_query, new_query_form, queries, query, query_answer_form, query_csv};
pub use quick::{hospital_quick, quick, quick_shell, update_quickly};
pub use report::{confirm, form, mine, receipt, submit};
pub use reset::{ask_reset, reset_code, reset_form, reset_passkey};
pub use security::{change_password, factor, factor_confirm, factor_off, factor_on, new_codes, security};
pub use sharing::{set_other_system, set_sharing, sharing};
pub use sign_in::{code_form, enter_code, forgotten, sign_in, sign_in_form};
pub use survey::{name_survey_hospitals, set_survey_items, survey_answers, survey_answers_csv, survey_items, survey_respondents, surveys};
pub use survey_draft::{change_draft, survey_draft};
pub use survey_editor::{change_survey, new_survey, office_survey, office_surveys, prefecture_answers};
pub use survey_item::{add_item, add_rule, change_item, change_rule, item_form, new_item_form, new_rule_form, rule_form};
pub use survey_preview::{preview, try_draft, try_version, version_preview};
pub use wall::{end_terminal, grant_terminal, open_terminal, take_watch, terminal_link, terminals, wall, wall_events};
pub use welcome::{accept_terms, password_form, road_codes, road_confirm, road_end, road_factor, road_skip, set_password, terms, welcome};

use crate::error::{Answer, Failure};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse},
};
use sha2::{Digest, Sha256};

/// A page.
fn show(status: StatusCode, page: &impl Template) -> Answer {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be made");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    })?;
    Ok((status, Html(html)).into_response())
}

/// Sixteen bytes that tell texts apart.
pub fn hash(bytes: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(bytes);
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

/// The same, for a tag.
pub fn short_hash(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(hash(bytes))
}
