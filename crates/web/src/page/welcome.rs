//! The road of the first sign-in, page after page. Its cookie opens these pages and nothing else; whoever comes without it, or to a page
//! that is not next, is led to where they belong.

use super::{
    show,
    sign_in::{browser, form, half_way, inside},
};
use crate::{
    error::Answer,
    extract::{Address, HALF_COOKIE, cookie},
    state::State,
    view::{CodesPage, FactorPage, LinkGonePage, PasswordProblem, SetPasswordPage, TermsPage, path},
};
use akidoko_domain::password::PASSWORD_MIN_WITH_FACTOR;
use akidoko_service::{
    first_sign_in::{PasswordSet, Road, SetPasswordError, Step},
    sign_in::SignInError,
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use std::net::IpAddr;

async fn password_page(state: &State, token: &str, status: StatusCode, problems: Vec<PasswordProblem>) -> Answer {
    let Some(link) = state.service.password_link(token).await? else {
        return show(StatusCode::GONE, &LinkGonePage::new(state.frame(None)));
    };
    let who = (link.organisation, link.name.to_string(), link.first);
    show(status, &SetPasswordPage::new(state.frame(None), token, who, (link.expires_at, state.service.now()), problems))
}

/// The screen behind a single-use link.
pub async fn password_form(Extract(state): Extract<State>, Path(token): Path<String>) -> Answer {
    password_page(&state, &token, StatusCode::OK, vec![]).await
}

/// What that screen sends.
#[derive(Deserialize)]
pub struct PasswordForm {
    password: String,
    again: String,
}

/// Sets a password.
pub async fn set_password(
    Extract(state): Extract<State>,
    Path(token): Path<String>,
    sent: Result<Form<PasswordForm>, FormRejection>,
) -> Answer {
    let sent = form(sent)?;
    match state.service.set_password(&token, &sent.password, &sent.again).await {
        Ok(Some(PasswordSet::SignIn)) => Ok(Redirect::to(path::SIGN_IN).into_response()),
        Ok(Some(PasswordSet::Road(token))) => Ok(half_way(&token, path::WELCOME)),
        Ok(None) => password_page(&state, &token, StatusCode::GONE, vec![]).await,
        Err(SetPasswordError::Password(problem)) => {
            let problem = PasswordProblem::of(problem, &sent.password, PASSWORD_MIN_WITH_FACTOR);
            password_page(&state, &token, StatusCode::UNPROCESSABLE_ENTITY, vec![problem]).await
        }
        Err(SetPasswordError::Store(error)) => Err(error.into()),
    }
}

/// Who is on the road; or where else they belong.
pub(super) async fn on_the_road<'a>(
    state: &State,
    headers: &'a HeaderMap,
    here: Option<Step>,
) -> Answer<Result<(&'a str, Road), Response>> {
    let token = cookie(headers, HALF_COOKIE).unwrap_or_default();
    let Some(road) = state.service.road(token).await? else { return Ok(Err(Redirect::to(path::SIGN_IN).into_response())) };
    let next = match road.step {
        Step::Terms => path::WELCOME_TERMS,
        Step::Factor => path::WELCOME_FACTOR,
        // Its page also ends a road that has nothing left.
        Step::Codes | Step::End => path::WELCOME_CODES,
    };
    let at_place = here.is_some_and(|here| here == road.step || (here == Step::Codes && road.step == Step::End));
    Ok(if at_place { Ok((token, road)) } else { Err(Redirect::to(next).into_response()) })
}

/// Leads to what is next.
pub async fn welcome(Extract(state): Extract<State>, headers: HeaderMap) -> Answer {
    Ok(on_the_road(&state, &headers, None).await?.map_or_else(|elsewhere| elsewhere, |_| Redirect::to(path::SIGN_IN).into_response()))
}

fn terms_page(state: &State, road: Road, missing: bool) -> Answer {
    let status = if missing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &TermsPage::new(state.frame(None), (road.organisation, road.name.to_string()), road.kind, missing))
}

/// The terms.
pub async fn terms(Extract(state): Extract<State>, headers: HeaderMap) -> Answer {
    match on_the_road(&state, &headers, Some(Step::Terms)).await? {
        Ok((_, road)) => terms_page(&state, road, false),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// What that page sends.
#[derive(Deserialize)]
pub struct TermsForm {
    accept: Option<String>,
}

/// Accepts the terms.
pub async fn accept_terms(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Address(address): Address,
    sent: Result<Form<TermsForm>, FormRejection>,
) -> Answer {
    let (token, road) = match on_the_road(&state, &headers, Some(Step::Terms)).await? {
        Ok(on) => on,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form(sent)?.accept.is_none() {
        return terms_page(&state, road, true);
    }
    state.service.accept_terms(&road).await?;
    match state.service.road(token).await? {
        // The second factor stands already: these were new terms.
        Some(road) if road.step == Step::End => end(&state, token, road, &headers, address).await,
        _ => Ok(Redirect::to(path::WELCOME).into_response()),
    }
}

async fn factor_page(state: &State, token: &str, road: &Road, wrong: bool) -> Answer {
    let Some(offer) = state.service.road_offer(road).await? else { return Ok(Redirect::to(path::WELCOME).into_response()) };
    let ask = state.service.road_passkey(token, road).await?;
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &FactorPage::road(state.frame(None), road.name.to_string(), (offer, ask), road.may_skip, wrong))
}

/// The offer of a second factor.
pub async fn road_factor(Extract(state): Extract<State>, headers: HeaderMap) -> Answer {
    match on_the_road(&state, &headers, Some(Step::Factor)).await? {
        Ok((token, road)) => factor_page(&state, token, &road, false).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// What that page sends.
#[derive(Deserialize)]
pub struct FactorForm {
    pub(super) code: String,
}

/// Switches the second factor on.
pub async fn road_confirm(Extract(state): Extract<State>, headers: HeaderMap, sent: Result<Form<FactorForm>, FormRejection>) -> Answer {
    let (token, road) = match on_the_road(&state, &headers, Some(Step::Factor)).await? {
        Ok(on) => on,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if state.service.road_confirm(token, &road, &form(sent)?.code).await? {
        Ok(Redirect::to(path::WELCOME_CODES).into_response())
    } else {
        factor_page(&state, token, &road, true).await
    }
}

/// Goes on without a second factor, where the password is long enough.
pub async fn road_skip(Extract(state): Extract<State>, headers: HeaderMap, Address(address): Address) -> Answer {
    match on_the_road(&state, &headers, Some(Step::Factor)).await? {
        Ok((token, road)) => end(&state, token, road, &headers, address).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// The recovery codes, the same ones as long as the road is open.
pub async fn road_codes(Extract(state): Extract<State>, headers: HeaderMap, Address(address): Address) -> Answer {
    match on_the_road(&state, &headers, Some(Step::Codes)).await? {
        Ok((token, road)) if road.step == Step::End => end(&state, token, road, &headers, address).await,
        Ok((token, road)) => {
            let codes = road.codes(token);
            show(StatusCode::OK, &CodesPage::new(state.frame(None), road.name.to_string(), codes, true))
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// They are written down: in.
pub async fn road_end(Extract(state): Extract<State>, headers: HeaderMap, Address(address): Address) -> Answer {
    match on_the_road(&state, &headers, Some(Step::Codes)).await? {
        Ok((token, road)) => end(&state, token, road, &headers, address).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn end(state: &State, token: &str, road: Road, headers: &HeaderMap, address: IpAddr) -> Answer {
    match state.service.end_road(token, road, browser(headers, address)).await {
        Ok(Some(signed_in)) => {
            let first = state.service.is_first_operator(&signed_in.session.actor).await?;
            Ok(inside(&signed_in, if first { path::WELCOME_OPERATORS } else { "/" }))
        }
        Ok(None) => Ok(Redirect::to(path::WELCOME).into_response()),
        Err(SignInError::Store(error)) => Err(error.into()),
        Err(_) => Ok(Redirect::to(path::SIGN_IN).into_response()),
    }
}
