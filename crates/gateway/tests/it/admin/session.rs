//! How people get in: the one-time link, logging in and out, what a session may do and a foreign page may not.

use crate::scene::{ADMIN, Door, Scene, Whole, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;

const PASSWORD: &str = "a password of Ada's";
const EMAIL: &str = "ada@example.org";

/// What a browser says of a request of one of our pages.
pub(super) const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

pub(super) async fn ask(
    scene: &Scene,
    method: &str,
    path: &str,
    body: Value,
    headers: &[(&str, &str)],
) -> Whole {
    let mut call = Call::post(scene.gateway.address(), path, body.to_string());
    call.method = method.parse().unwrap();
    for (name, value) in headers {
        call = call.header(*name, *value);
    }
    whole(call).await
}

/// A one-time link's path and its token.
async fn link(scene: &Scene) -> (String, String) {
    let path = "/admin/v1/one-time-links";
    let made = scene.admin(201, "POST", path, json!({})).await;
    let path = string_at(&made, "/path");
    let (page, token) = path.split_once('#').unwrap();
    (page.to_owned(), token.to_owned())
}

/// The cookie that an answer sets, as the browser sends it back.
fn cookie(answer: &Whole) -> String {
    let set = answer.header("set-cookie");
    assert!(set.contains("; HttpOnly; SameSite=Strict"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

/// Makes the owner; gives the session's cookie.
pub(super) async fn owner(scene: &Scene) -> String {
    let (page, token) = link(scene).await;
    assert_eq!(page, "/console/welcome");
    let body = json!({"token": token, "name": "Ada", "email": EMAIL, "password": PASSWORD});
    let made = ask(scene, "POST", "/admin/v1/owner", body, &[OURS]).await;
    assert_eq!(made.status, 201, "{}", made.json());
    assert_eq!(made.json()["user"]["email"], EMAIL);
    cookie(&made)
}

async fn log_in(scene: &Scene, password: &str, headers: &[(&str, &str)]) -> Whole {
    let body = json!({"email": EMAIL, "password": password});
    ask(scene, "POST", "/admin/v1/session", body, headers).await
}

async fn status(scene: &Scene, cookie: &str) -> u16 {
    let headers = [("cookie", cookie)];
    ask(scene, "GET", "/admin/v1/keys", Value::Null, &headers)
        .await
        .status
}

#[tokio::test]
async fn the_first_owner_comes_by_a_link_that_works_once() {
    let scene = Scene::start().await;
    let shown = ask(&scene, "GET", "/admin/v1/session", Value::Null, &[]).await;
    assert_eq!(shown.json()["owner_exists"], false);
    assert_eq!(shown.json()["user"], Value::Null);
    assert_eq!(shown.header("cache-control"), "no-store");
    let (_, token) = link(&scene).await;
    let body = |token: &str, password: &str| json!({"token": token, "name": "Ada", "email": EMAIL, "password": password});
    for (body, status, code) in [
        (body("tgw_guessed", PASSWORD), 403, "dead_link"),
        (body(&token, "too short"), 400, "invalid_request"),
    ] {
        let refused = ask(&scene, "POST", "/admin/v1/owner", body, &[OURS]).await;
        assert_eq!(
            (refused.status, &refused.json()["error"]["code"]),
            (status, &json!(code))
        );
    }
    let made = ask(
        &scene,
        "POST",
        "/admin/v1/owner",
        body(&token, PASSWORD),
        &[OURS],
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.json());
    let again = ask(
        &scene,
        "POST",
        "/admin/v1/owner",
        body(&token, PASSWORD),
        &[OURS],
    )
    .await;
    assert_eq!(
        (again.status, &again.json()["error"]["code"]),
        (403, &json!("dead_link"))
    );
    let cookie = cookie(&made);
    assert_eq!(status(&scene, &cookie).await, 200);
    let headers = [("cookie", cookie.as_str())];
    let shown = ask(&scene, "GET", "/admin/v1/session", Value::Null, &headers)
        .await
        .json();
    assert_eq!(shown["user"]["name"], "Ada");
    assert_eq!(shown["user"]["role"], "owner");
}

#[tokio::test]
async fn logging_in_and_out() {
    let scene = Scene::start().await;
    let first = owner(&scene).await;
    let again = log_in(&scene, PASSWORD, &[OURS]).await;
    assert_eq!(again.status, 200, "{}", again.json());
    let second = cookie(&again);
    assert_ne!(first, second);
    let made_up = log_in(&scene, PASSWORD, &[OURS, ("x-forwarded-proto", "https")]).await;
    assert!(!made_up.header("set-cookie").contains("Secure"));
    let headers = [OURS, ("cookie", first.as_str())];
    let out = ask(&scene, "DELETE", "/admin/v1/session", Value::Null, &headers).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        (status(&scene, &first).await, status(&scene, &second).await),
        (401, 200)
    );
}

/// Everybody comes over the proxy's connections; it says who they are, and that they come by TLS.
#[tokio::test]
async fn a_trusted_proxy_says_who_asks_and_by_what() {
    let scene = Scene::with("[server]\ntrusted_proxies = [\"127.0.0.0/8\"]\n").await;
    owner(&scene).await;
    let by_tls = ("x-forwarded-proto", "https");
    let from = |address| ("x-forwarded-for", address);
    let ada = [OURS, by_tls, from("192.0.2.1")];
    let mallory = [OURS, by_tls, from("192.0.2.1, 192.0.2.2")];
    let mut guess = 0;
    while log_in(&scene, "not the password", &mallory).await.status == 401 {
        guess += 1;
    }
    assert_eq!(guess, 5);
    let let_in = log_in(&scene, PASSWORD, &ada).await;
    assert_eq!(let_in.status, 200, "{}", let_in.json());
    assert!(let_in.header("set-cookie").ends_with("; Secure"));
    let cookie = cookie(&let_in);
    assert!(cookie.starts_with("__Host-tollgate_session="), "{cookie}");
    assert_eq!(status(&scene, &cookie).await, 200);
}

#[tokio::test]
async fn a_stale_cookie_does_not_hide_the_session() {
    let scene = Scene::start().await;
    let cookie = owner(&scene).await;
    for stale in [
        "tollgate_session=tgs_old",
        "__Host-tollgate_session=tgs_old",
    ] {
        assert_eq!(status(&scene, &format!("{stale}; {cookie}")).await, 200);
        assert_eq!(status(&scene, &format!("{cookie}; {stale}")).await, 200);
        assert_eq!(status(&scene, stale).await, 401);
    }
}

#[tokio::test]
async fn a_proxys_own_password_does_not_hide_the_session() {
    let scene = Scene::start().await;
    let cookie = owner(&scene).await;
    let headers = [
        ("cookie", cookie.as_str()),
        ("authorization", "Basic b3BzOnNlY3JldA=="),
    ];
    let keys = ask(&scene, "GET", "/admin/v1/keys", Value::Null, &headers).await;
    assert_eq!(keys.status, 200);
    let headers = [
        ("cookie", cookie.as_str()),
        ("authorization", "Bearer tgm_guessed"),
    ];
    let keys = ask(&scene, "GET", "/admin/v1/keys", Value::Null, &headers).await;
    assert_eq!(
        keys.status, 401,
        "a token that is sent is the one that counts"
    );
}

#[tokio::test]
async fn a_session_outlives_the_program() {
    let mut scene = Scene::start().await;
    let cookie = owner(&scene).await;
    scene.gateway.terminate(crate::scene::SOON).await.unwrap();
    scene.gateway.restart().await.unwrap();
    assert_eq!(status(&scene, &cookie).await, 200);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_people_hear_the_same_and_soon_have_to_wait() {
    let scene = Scene::start().await;
    owner(&scene).await;
    let wrong = log_in(&scene, "not the password", &[OURS]).await;
    let body = json!({"email": "bob@example.org", "password": PASSWORD});
    let unknown = ask(&scene, "POST", "/admin/v1/session", body, &[OURS]).await;
    assert_eq!((wrong.status, wrong.json()), (401, unknown.json()));
    assert_eq!(wrong.json()["error"]["code"], "wrong_credentials");
    let mut refused = wrong;
    for _ in 0..5 {
        refused = log_in(&scene, "not the password", &[OURS]).await;
    }
    assert_eq!(refused.status, 429);
    assert!((1..=30).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(
        log_in(&scene, PASSWORD, &[OURS]).await.status,
        429,
        "also with the right one"
    );
}

/// What a page of another site makes a browser send carries the cookie only if the browser is old; even then it does
/// nothing.
#[tokio::test]
async fn a_session_changes_nothing_for_a_foreign_page() {
    let scene = Scene::start().await;
    let cookie = owner(&scene).await;
    let host = format!("http://{}", scene.gateway.address());
    let make = async |name: &str, said: &[(&str, &str)]| {
        let headers = [&[("cookie", cookie.as_str())], said].concat();
        let body = json!({"project": "shop", "name": name});
        ask(&scene, "POST", "/admin/v1/keys", body, &headers)
            .await
            .status
    };
    assert_eq!(make("a", &[("sec-fetch-site", "cross-site")]).await, 403);
    assert_eq!(make("a", &[("sec-fetch-site", "same-site")]).await, 403);
    assert_eq!(make("a", &[("origin", "http://evil.example")]).await, 403);
    assert_eq!(make("a", &[("origin", "null")]).await, 403);
    assert_eq!(make("a", &[]).await, 403);
    assert_eq!(make("a", &[OURS]).await, 201);
    assert_eq!(make("b", &[("origin", &host)]).await, 201);
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(log_in(&scene, PASSWORD, &foreign).await.status, 403);
    let read = [("cookie", cookie.as_str()), foreign[0]];
    let read = ask(&scene, "GET", "/admin/v1/keys", Value::Null, &read).await;
    assert_eq!(read.status, 403);
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let scene = Scene::start().await;
    let old = owner(&scene).await;
    let other = cookie(&log_in(&scene, PASSWORD, &[OURS]).await);
    let change = async |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        ask(
            &scene,
            "POST",
            "/admin/v1/password",
            body,
            &[OURS, ("cookie", &old)],
        )
        .await
    };
    assert_eq!(
        change("not the password", "another password").await.status,
        401
    );
    let short = change(PASSWORD, "short").await;
    assert_eq!(
        (short.status, &short.json()["error"]["field"]),
        (400, &json!("new_password"))
    );
    let changed = change(PASSWORD, "another password").await;
    assert_eq!(changed.status, 200, "{}", changed.json());
    assert_eq!(
        (status(&scene, &old).await, status(&scene, &other).await),
        (401, 401)
    );
    assert_eq!(status(&scene, &cookie(&changed)).await, 200);
    assert_eq!(log_in(&scene, PASSWORD, &[OURS]).await.status, 401);
    assert_eq!(
        log_in(&scene, "another password", &[OURS]).await.status,
        200
    );
    let body = json!({"current_password": "x", "new_password": "another password"});
    let token = format!("Bearer {ADMIN}");
    let headers = [("authorization", token.as_str())];
    let token = ask(&scene, "POST", "/admin/v1/password", body, &headers).await;
    assert_eq!(
        (token.status, &token.json()["error"]["code"]),
        (403, &json!("people_only"))
    );
}

/// Log-ins that are under way while the password is changed: whichever comes first, none of their sessions remains.
#[tokio::test]
async fn a_log_in_with_the_old_password_does_not_survive_its_change() {
    let scene = Scene::start().await;
    let old = owner(&scene).await;
    let headers = [OURS, ("cookie", old.as_str())];
    let body = json!({"current_password": PASSWORD, "new_password": "another password"});
    let change = ask(&scene, "POST", "/admin/v1/password", body, &headers);
    let late = async |wait_ms: u64| {
        tokio::time::sleep(std::time::Duration::from_millis(wait_ms)).await;
        log_in(&scene, PASSWORD, &[OURS]).await
    };
    let (changed, a, b, c, d) = tokio::join!(change, late(0), late(15), late(30), late(45));
    assert_eq!(changed.status, 200, "{}", changed.json());
    for late in [a, b, c, d] {
        match late.status {
            200 => assert_eq!(status(&scene, &cookie(&late)).await, 401),
            refused => assert_eq!(refused, 401, "{}", late.json()),
        }
    }
    assert_eq!(status(&scene, &cookie(&changed)).await, 200);
}

#[tokio::test]
async fn logging_out_everywhere_ends_all_sessions() {
    let scene = Scene::start().await;
    let first = owner(&scene).await;
    let second = cookie(&log_in(&scene, PASSWORD, &[OURS]).await);
    let headers = [OURS, ("cookie", first.as_str())];
    let path = "/admin/v1/sessions";
    let out = ask(&scene, "DELETE", path, Value::Null, &headers).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        (status(&scene, &first).await, status(&scene, &second).await),
        (401, 401)
    );
    let token = ("DELETE", path, Value::Null);
    scene.refused(403, "people_only", Value::Null, token).await;
}

#[tokio::test]
async fn a_lost_password_is_set_anew_with_a_link() {
    let scene = Scene::start().await;
    let old = owner(&scene).await;
    let (page, token) = link(&scene).await;
    assert_eq!(page, "/console/reset");
    let body = json!({"token": token, "password": "another password"});
    let reset = ask(
        &scene,
        "POST",
        "/admin/v1/password/reset",
        body.clone(),
        &[OURS],
    )
    .await;
    assert_eq!(reset.status, 200, "{}", reset.json());
    assert_eq!(status(&scene, &old).await, 401);
    assert_eq!(status(&scene, &cookie(&reset)).await, 200);
    let again = ask(&scene, "POST", "/admin/v1/password/reset", body, &[OURS]).await;
    assert_eq!(again.status, 403);
    let nobody = json!({"email": "bob@example.org"});
    scene
        .admin(404, "POST", "/admin/v1/one-time-links", nobody)
        .await;
}

/// The console tries models without a key: the person is the caller, for the project that the page names.
#[tokio::test]
async fn a_session_opens_the_doors_for_a_project_that_the_page_names() {
    let scene = Scene::start().await;
    let cookie = owner(&scene).await;
    let made = scene
        .admin(201, "POST", "/admin/v1/projects", json!({"name": "trials"}))
        .await;
    let project = string_at(&made, "/id");
    let session = ("cookie", cookie.as_str());
    let named = ("x-tollgate-project", project.as_str());
    let chat = async |headers: &[(&str, &str)]| {
        let body = Door::Chat.body("openai-first/fake-text", "hi", false);
        ask(&scene, "POST", Door::Chat.path(), body, headers).await
    };
    let served = chat(&[OURS, session, named]).await;
    assert_eq!(served.status, 200, "{}", served.json());
    let record = scene.record(&served.id).await;
    assert_eq!(record["project"], project.as_str());
    let shown = ask(&scene, "GET", "/admin/v1/session", Value::Null, &[session]).await;
    assert_eq!(record["key"], shown.json()["user"]["id"]);
    for (headers, code) in [
        (&[OURS, session][..], "missing_api_key"),
        (&[OURS, named], "not_logged_in"),
        (&[session, named], "not_logged_in"),
        (
            &[("sec-fetch-site", "same-site"), session, named],
            "not_logged_in",
        ),
        (
            &[OURS, session, ("x-tollgate-project", "proj_x")],
            "project_not_found",
        ),
        (
            &[OURS, session, named, ("authorization", "Bearer tg_x")],
            "invalid_api_key",
        ),
    ] {
        let refused = chat(headers).await;
        assert_eq!(
            (refused.status, &refused.json()["error"]["code"]),
            (401, &json!(code)),
            "{headers:?}"
        );
    }
    ask(
        &scene,
        "DELETE",
        "/admin/v1/session",
        Value::Null,
        &[OURS, session],
    )
    .await;
    assert_eq!(
        chat(&[OURS, session, named]).await.status,
        401,
        "logged out"
    );
}
