//! `/admin/v1/performance` and `/admin/v1/traffic`: the figures of what was just served.

use crate::scene::{Door, Scene};
use serde_json::{Value, json};

async fn get(scene: &Scene, path: &str) -> Value {
    scene.admin(200, "GET", path, Value::Null).await
}

/// A group by one of its names.
fn group<'a>(answer: &'a Value, member: &str, name: &str) -> &'a Value {
    let groups = answer["groups"].as_array().unwrap();
    let found = groups.iter().find(|group| group[member] == name);
    found.unwrap_or_else(|| panic!("{member} {name} in {answer}"))
}

/// Three streams and a failover at `team/…`, a refusal, and a name that nobody serves.
async fn traffic(scene: &Scene) {
    let door = Door::Chat;
    for _ in 0..3 {
        let body = door.body("team/fake-count", "[[tokens=20]]", true);
        assert_eq!(scene.ask(door, &body).await.status, 200);
    }
    let failing = door.body("team/fake-error-500", "hi", false);
    assert_eq!(scene.ask(door, &failing).await.status, 502);
    let unknown = door.body("nobody/nothing", "hi", false);
    assert_eq!(scene.ask(door, &unknown).await.status, 404);
}

#[tokio::test]
async fn figures_are_of_what_clients_saw_and_of_what_providers_did() {
    let scene = Scene::start().await;
    traffic(&scene).await;
    let all = get(&scene, "/admin/v1/performance").await;
    assert_eq!(all["relative_error"], 0.01);
    let figures = &all["groups"][0]["figures"];
    let sums = &figures["sums"];
    assert_eq!(
        (
            &sums["requests"],
            &sums["served"],
            &sums["failed"],
            &sums["caller_fault"]
        ),
        (&json!(5), &json!(3), &json!(1), &json!(1))
    );
    assert_eq!(figures["success"], 0.75);
    assert_eq!(figures["first_token_ms"]["samples"], 3);
    assert_eq!(all["groups"][0]["series"], json!([]));

    let by_model = get(
        &scene,
        "/admin/v1/performance?by=model&window=7d&bucket=hour",
    )
    .await;
    let count = group(&by_model, "model", "team/fake-count");
    assert_eq!(count["figures"]["success"], 1.0);
    assert_eq!(count["figures"]["sums"]["output"], 60);
    assert_eq!(count["figures"]["sums"]["cost_usd"], "0.000183");
    let series = count["series"].as_array().unwrap();
    let points: u64 = series
        .iter()
        .map(|at| at["figures"]["sums"]["requests"].as_u64().unwrap())
        .sum();
    assert_eq!(points, 3);
    let failed = group(&by_model, "model", "team/fake-error-500");
    assert_eq!(
        (&failed["figures"]["success"], &failed["figures"]["uptime"]),
        (&json!(0.0), &json!(0.0))
    );

    // Both fakes were called for what failed; what succeeded went to the first, which is cheaper.
    let by_provider = get(&scene, "/admin/v1/performance?by=provider").await;
    let first = &group(&by_provider, "provider", "openai-first")["figures"];
    assert_eq!(
        (&first["sums"]["requests"], &first["success"]),
        (&json!(4), &json!(0.75))
    );
    let second = &group(&by_provider, "provider", "openai-second")["figures"];
    assert_eq!(second["outcomes"], json!({"server_error": 1}));

    let path = "/admin/v1/performance?by=offering&model=team/fake-count";
    let offerings = get(&scene, path).await;
    assert_eq!(
        offerings["groups"].as_array().unwrap().len(),
        1,
        "{offerings}"
    );
    let offering = group(&offerings, "wire_id", "team/fake-count");
    assert_eq!(
        (&offering["provider"], &offering["model"]),
        (&json!("openai-first"), &json!("team/fake-count"))
    );
}

#[tokio::test]
async fn traffic_adds_up() {
    let scene = Scene::start().await;
    traffic(&scene).await;
    let by_model = get(&scene, "/admin/v1/traffic?by=model&groups=1").await;
    assert_eq!(by_model["bucket"], "hour");
    assert_eq!(by_model["total"]["sums"]["requests"], 5);
    assert_eq!(by_model["groups"].as_array().unwrap().len(), 1);
    assert_eq!(by_model["groups"][0]["name"], "team/fake-count");
    assert_eq!(by_model["rest"]["sums"]["requests"], 2);
    assert_eq!(
        by_model["total"]["sums"]["cost_usd"],
        by_model["groups"][0]["sums"]["cost_usd"]
    );
    let month = get(&scene, "/admin/v1/traffic?window=30d&provider=openai-first").await;
    assert_eq!(
        (&month["bucket"], &month["total"]["sums"]["requests"]),
        (&json!("day"), &json!(3))
    );
    for wrong in ["window=1y", "by=nobody", "groups=0", "buckets=hour"] {
        let path = format!("/admin/v1/traffic?{wrong}");
        scene.admin(400, "GET", &path, Value::Null).await;
    }
}

#[tokio::test]
async fn figures_outlive_the_program() {
    let mut scene = Scene::start().await;
    traffic(&scene).await;
    let before = get(&scene, "/admin/v1/performance?by=model").await;
    scene.gateway.terminate(crate::scene::SOON).await.unwrap();
    scene.gateway.restart().await.unwrap();
    assert_eq!(
        get(&scene, "/admin/v1/performance?by=model").await["groups"],
        before["groups"]
    );
}
