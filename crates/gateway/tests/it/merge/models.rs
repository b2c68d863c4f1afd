//! `GET /merge/v1/models`: lists and single models as Merge's clients read them.

use crate::scene::{Scene, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;

async fn get(scene: &Scene, path: &str) -> Value {
    let call = Call::get(scene.gateway.address(), path);
    let call = call.header("authorization", format!("Bearer {}", scene.gateway.key()));
    whole(call).await.json()
}

#[tokio::test]
async fn a_model_has_vendors_and_old_words_at_the_top() {
    let scene = Scene::start().await;
    let one = get(&scene, "/merge/v1/models/team/fake-text").await;
    assert_eq!(
        (&one["id"], &one["model"]),
        (&json!("team/fake-text"), &json!("team/fake-text"))
    );
    assert_eq!(
        one["pricing"],
        json!({"currency": "USD", "input_per_million": 1, "output_per_million": 2})
    );
    assert_eq!(
        one["vendors"]["openai-second"]["pricing"]["input_per_million"],
        3
    );
    assert_eq!(one["capabilities"]["input"], json!(["text"]));
    assert_eq!(
        get(&scene, "/merge/v1/models?model=team/fake-text").await,
        one
    );

    // The older package reads no list in which a word at the top is new to it.
    let list = get(&scene, "/merge/v1/models?all=true&limit=1000").await;
    assert_eq!(
        (&list["object"], &list["has_more"]),
        (&json!("list"), &json!(true))
    );
    for model in list["data"].as_array().unwrap() {
        let within = |at: &str, known: &[&str]| {
            let words = model.pointer(at).unwrap().as_array().unwrap();
            words
                .iter()
                .all(|word| known.contains(&word.as_str().unwrap()))
        };
        assert!(
            within(
                "/capabilities/input",
                &["text", "image", "document", "embedding"]
            ),
            "{model}"
        );
        assert!(
            within("/capabilities/output", &["text", "tool_use", "embedding"]),
            "{model}"
        );
    }
    let next = string_at(&list, "/next_cursor");
    let rest = get(&scene, &format!("/merge/v1/models?all=true&cursor={next}")).await;
    let many = rest["data"].as_array().unwrap().len();
    assert!((500..=1000).contains(&many), "{many}");

    let bound = get(
        &scene,
        "/merge/v1/models?provider=team&vendor=openai-second&supports_tool_calling=false",
    )
    .await;
    assert!(
        bound["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["provider"] == "team")
    );
    assert_eq!(bound["has_more"], false);
}
