//! Where client and provider speak the same dialect, every byte passes but for the listed edits: unknown fields, odd
//! order and spacing, doubled keys, numbers that no float holds, escapes of all kinds.
//!
//! Cases are written as the body with its edits marked: `⟦before⇒after⟧`.

use crate::scene::{DOORS, Door, Scene, whole};
use testkit::fake_provider::Behaviour;

/// A body with its edits marked.
struct Marked {
    before: String,
    after: String,
    edits: Vec<String>,
}

impl Marked {
    fn read(text: &str) -> Self {
        let mut marked = Self {
            before: String::new(),
            after: String::new(),
            edits: Vec::new(),
        };
        let mut rest = text;
        while let Some((kept, tail)) = rest.split_once('⟦') {
            let (edit, tail) = tail.split_once('⟧').unwrap();
            let (old, new) = edit.split_once('⇒').unwrap();
            for side in [&mut marked.before, &mut marked.after] {
                side.push_str(kept);
            }
            marked.before.push_str(old);
            marked.after.push_str(new);
            marked.edits.push(format!("{old:?} became {new:?}"));
            rest = tail;
        }
        marked.before.push_str(rest);
        marked.after.push_str(rest);
        marked
    }
}

/// A request and, if one is given, the provider's answer; both with their edits.
async fn check(scene: &Scene, door: Door, request: &str, answer: Option<&str>) {
    let request = Marked::read(request);
    let answer = Marked::read(answer.unwrap_or("{}"));
    let raw = Behaviour {
        text: Some(answer.before.clone()),
        ..Behaviour::of("raw")
    };
    scene.first.reset();
    scene.first.script("fake-text", [raw]);
    let got = whole(scene.call(door, request.before.clone())).await;
    let received = scene.first.requests();
    let received: Vec<&str> = received
        .iter()
        .map(|one| std::str::from_utf8(&one.body).unwrap())
        .collect();
    println!("{door:?} request: {}", request.edits.join("; "));
    assert_eq!(received, [request.after.as_str()], "{}", request.before);
    println!("{door:?} answer:  {}", answer.edits.join("; "));
    assert_eq!(std::str::from_utf8(&got.bytes).unwrap(), answer.after);
    assert_eq!(got.status, 200);
}

const CHAT_ANSWER: &str = concat!(
    "{ \"zeta\" : {\"new\":[ ]},\n\t\"choices\":[{\"message\":{\"content\":\"caf\\u00e9 \\/ ☕\",\"role\":\"assistant\",",
    "\"mood\":\"calm\"},\"finish_reason\":\"stop\",\"index\":0}],  \"id\":\"c1\",\"object\":\"chat.completion\",",
    "\"created\":1e3,\"model\":\"fake-text\",\r\n\"usage\": {\"prompt_tokens\": 7 , \"completion_tokens\":5,",
    "\"total_tokens\":12,\"carbon\":0.30000000000000000001⟦⇒,\"cost\":0.000017⟧} ,\"big\":123456789012345678901234567890}\n"
);

const MESSAGES_ANSWER: &str = concat!(
    "{\"stop_reason\":\"end_turn\", \"usage\":{\"output_tokens\":5,\"input_tokens\":7,\"server_tool_use\":{\"x\":1}⟦⇒,\"cost\":0.000017⟧ },",
    "\"content\":[{\"text\":\"caf\\u00e9 \\/ ☕\",\"type\":\"text\",\"confidence\":0.10}] ,\"role\":\"assistant\",\"zeta\":null,",
    "\"type\":\"message\",\"stop_sequence\":null,\"id\":\"m1\",\"model\":\"fake-text\"}"
);

#[tokio::test]
async fn whole_answers_and_their_requests_pass_byte_for_byte() {
    let scene = Scene::start().await;
    let chat = [
        // Unknown fields, odd order and spacing, a number that no float holds, escapes.
        concat!(
            "{\n\t\"zz_new\" : {\"deep\": [1, {\"x\" : null} ]} ,\r\n \"messages\":[{\"content\":\"caf\\u00e9 \\ud83d\\ude00 \\/\",",
            "\"role\":\"user\",\"mood\":\"odd\"}],\"seed\":123456789012345678901234567890,\"temperature\":1.0E-2,",
            "\"model\"  :  ⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧  }\n"
        ),
        // Doubled keys: the last one counts, and others that nobody edits stay.
        concat!(
            "{⟦\"model\":\"nonsense\",⇒⟧\"top_p\":1,\"top_p\":0.5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],",
            "\"model\":⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧}"
        ),
        // The gateway's own controls go, wherever they stand; an escaped key is the same key.
        concat!(
            "{⟦\"provider\":{\"order\":[\"openai-first\"]},⇒⟧ \"mod\\u0065l\":⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧,",
            "⟦\"tags\":[\"a\"],⇒⟧\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]⟦ , \"models\":[]⇒⟧}"
        ),
        // What reads like a control further in is content.
        concat!(
            "{\"model\":⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧,\"metadata\":{\"provider\":\"x\",\"models\":\"y\",\"model\":\"z\"},",
            "\"messages\":[{\"role\":\"user\",\"content\":\"{\\\"model\\\":\\\"a\\\"}\"}]}"
        ),
    ];
    for request in chat {
        check(&scene, Door::Chat, request, Some(CHAT_ANSWER)).await;
    }
    let messages = [
        concat!(
            "{ \"zz_new\":[1.50,-0.0,1E+30],\n\"max_tokens\":16 ,\"messages\":[{\"content\":[{\"cache_control\":{\"type\":\"ephemeral\"},",
            "\"text\":\"caf\\u00e9\",\"type\":\"text\",\"new\":0}],\"role\":\"user\"}],\"model\":⟦\"anthropic-first/fake-text\"⇒\"fake-text\"⟧ }"
        ),
        concat!(
            "{⟦\"model\":\"nonsense\",⇒⟧\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]",
            "⟦,\"provider\":{\"only\":[\"anthropic-first\"]}⇒⟧,\"model\":⟦\"anthropic-first/fake-text\"⇒\"fake-text\"⟧}"
        ),
    ];
    for request in messages {
        check(&scene, Door::Messages, request, Some(MESSAGES_ANSWER)).await;
    }
}

const CHAT_STREAM: &str = concat!(
    ": hello\n\n",
    "data:{\"id\":\"c\", \"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"zeta\":[1 , 2]}]}\n\n",
    "id: 7\ndata: {\"choices\":[{\"delta\":{\"content\":\"caf\\u00e9\"},\"index\":0,\"finish_reason\":null}],\"obfuscation\":\"x\"}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"index\":0,\"finish_reason\":\"stop\"}], \"id\":\"c\"}\n\n",
);

const CHAT_USAGE: &str = "data: {\"usage\":{\"completion_tokens\":5,\"prompt_tokens\":7,\"total_tokens\":12},\"choices\":[]}\n\n";

/// Without being asked to, a provider states no usage: the gateway asks, and takes what it caused out again.
#[tokio::test]
async fn streams_and_their_requests_pass_byte_for_byte() {
    let scene = Scene::start().await;
    let done = "data: [DONE]\n\n";
    let asked_by_us = format!("{CHAT_STREAM}⟦{CHAT_USAGE}⇒⟧{done}");
    let request = concat!(
        "{\"stream\":true, \"model\":⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]",
        "⟦⇒,\"stream_options\":{\"include_usage\":true}⟧ }"
    );
    check(&scene, Door::Chat, request, Some(&asked_by_us)).await;
    let priced = CHAT_USAGE.replace(
        "\"total_tokens\":12",
        "\"total_tokens\":12⟦⇒,\"cost\":0.000017⟧",
    );
    let asked_by_client = format!("{CHAT_STREAM}{priced}{done}");
    let request = concat!(
        "{\"stream_options\":{ \"include_usage\" : true , \"new\":1},\"stream\":true,",
        "\"model\":⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
    );
    check(&scene, Door::Chat, request, Some(&asked_by_client)).await;
    let request = concat!(
        "{\"stream_options\":⟦{ \"include_usage\" : false , \"new\":1}⇒{ \"include_usage\" : true , \"new\":1}⟧,\"stream\":true,",
        "\"model\":⟦\"openai-first/fake-text\"⇒\"fake-text\"⟧,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
    );
    check(&scene, Door::Chat, request, Some(&asked_by_us)).await;
    let request = concat!(
        "{\"max_tokens\":9,\"stream\":true,\"zz\":{\"stream\":0},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],",
        "\"model\":⟦\"anthropic-first/fake-text\"⇒\"fake-text\"⟧}"
    );
    let answer = concat!(
        "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":7,\"output_tokens\":1},\"content\":[],\"id\":\"m\",\"role\":\"assistant\",",
        "\"type\":\"message\",\"model\":\"fake-text\",\"zeta\":1},\"type\":\"message_start\"}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"index\":0, \"delta\":{\"text\":\"caf\\u00e9\",\"type\":\"text_delta\",\"new\":{}},\"type\":\"content_block_delta\"}\n\n",
        "event: brand_new\ndata: {\"type\":\"brand_new\"}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_delta\ndata: {\"usage\":{\"output_tokens\":5⟦⇒,\"cost\":0.000017⟧},\"delta\":{\"stop_reason\":\"end_turn\"},\"type\":\"message_delta\"}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    check(&scene, Door::Messages, request, Some(answer)).await;
}

/// Headers of a dialect's own cross to a provider of it, credentials never do.
#[tokio::test]
async fn headers_cross_by_an_allow_list() {
    let scene = Scene::start().await;
    for door in DOORS {
        scene.first.reset();
        let body = door.body(&door.native("text"), "hi", false).to_string();
        let call = scene
            .call(door, body)
            .header("anthropic-beta", "context-1m-2025-08-07")
            .header("openai-beta", "assistants=v2")
            .header("cookie", "session=secret")
            .header("x-forwarded-for", "192.0.2.1");
        assert_eq!(whole(call).await.status, 200);
        let received = scene.first.requests().remove(0).headers;
        let header = |name: &str| {
            let mut all = received.iter().filter(|(header, _)| header == name);
            all.next().map(|(_, value)| value.as_str())
        };
        let own = match door {
            Door::Chat => ["openai-beta", "anthropic-beta"],
            Door::Messages => ["anthropic-beta", "openai-beta"],
        };
        assert!(header(own[0]).is_some(), "{received:?}");
        assert_eq!(header(own[1]), None);
        assert_eq!((header("cookie"), header("x-forwarded-for")), (None, None));
        let sent = received
            .iter()
            .any(|(_, value)| value.contains(scene.gateway.key()));
        assert!(!sent, "the client's key must not leave: {received:?}");
    }
}
