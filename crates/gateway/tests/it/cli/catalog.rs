//! `tollgate catalog`: counts, updates from a file, and the way back.

use super::Folder;

/// A list with one known offering at another price, and one that is new.
const LIST: &str = r#"{
  "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.25e-07, "output_cost_per_token": 6e-07,
    "source": "https://openai.example/pricing"},
  "gpt-99": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}
}"#;

/// It is a part of a list, so nothing is missed that is not on it; and it is not the one that these prices came from.
const UPDATE: [&str; 7] = [
    "catalog",
    "update",
    "--from",
    "prices.json",
    "--removals",
    "none",
    "--overrule",
];

#[test]
fn the_catalogue_is_counted() {
    let folder = Folder::new();
    let counts = folder.json(&["catalog", "--json"]);
    assert!(counts["providers"].as_u64().unwrap() >= 60);
    assert!(counts["offerings"].as_u64().unwrap() >= 4000);
    let number = |name: &str| counts["chat"][name].as_u64().unwrap();
    assert!(
        number("unpriced") * 100 < number("offerings") * 3,
        "{}",
        counts["chat"]
    );
    let why = counts["unpriced"].as_object().unwrap();
    assert!(why.keys().all(|reason| !reason.is_empty()));
    let text = folder.said(&["catalog"]);
    assert!(text.contains("\ngroq "), "{text}");
    assert!(!folder.path("data").exists(), "counting makes no folder");
}

#[test]
fn an_update_is_shown_first_then_applied_and_can_be_undone() {
    let folder = Folder::new();
    folder.write("prices.json", LIST);
    let shown = folder.said(&UPDATE);
    for expect in [
        "\nopenai\n  + gpt-99 (openai/gpt-99): input 1, output 2\n  $ gpt-4o-mini (openai/gpt-4o-mini): from 20",
        ": input 0.15 -> 0.125, as before: ",
        "\n1 added, 1 prices changed, 1 changed otherwise, 0 removed\n",
    ] {
        assert!(shown.contains(expect), "{shown}");
    }
    assert!(shown.contains("Nothing was changed"));
    assert!(!folder.path("data").exists());

    let before = folder.json(&["catalog", "--json"])["by_provider"]["openai"].clone();
    let apply = [&UPDATE[..], &["--apply"]].concat();
    folder.said(&apply);
    let after = folder.json(&["catalog", "--json"])["by_provider"]["openai"].clone();
    assert_ne!(before, after);
    let again = folder.said(&apply);
    assert!(again.contains("up to date"), "{again}");
    // Last month keeps its price, and so does what the list does not know.
    let cost = |at: &str, tier: &str| {
        let usage = r#"{"input": 1000000}"#;
        let asked = [
            "price",
            "gpt-4o-mini",
            "--provider",
            "openai",
            "--usage",
            usage,
        ];
        let when = ["--at", at, "--tier", tier, "--json"];
        folder.json(&[&asked[..], &when[..]].concat())["offerings"][0]["cost_usd"].clone()
    };
    assert_eq!(cost("2026-10-01", "standard"), "0.15");
    assert_eq!(cost("2099-01-01", "standard"), "0.125");
    assert_eq!(cost("2099-01-01", "batch"), cost("2026-10-01", "batch"));
    let updated = folder.json(&["catalog", "--json"]);
    assert_eq!(updated["in_force"]["from"][0], "prices.json");
    assert_eq!(updated["rollback"]["shipped"], true);
    let told = folder.said(&["catalog"]);
    assert!(
        told.starts_with("In force: the update of 20")
            && told.contains(
                " from prices.json\n`tollgate catalog rollback` brings the catalogue that ships"
            ),
        "{told}"
    );
    folder.said(&["catalog", "rollback"]);
    let back = folder.json(&["catalog", "--json"]);
    assert_eq!(back["by_provider"]["openai"], before);
    assert_eq!(back["in_force"]["shipped"], true);
    assert!(back["rollback"].is_null());
    let twice = folder.run(&["catalog", "rollback"]);
    assert_eq!(twice.code, 1);
    assert!(
        twice
            .stderr
            .contains("there is no catalogue before this one"),
        "{}",
        twice.stderr
    );
}

/// After two updates and one way back, no command led to the catalogue that ships.
#[test]
fn the_catalogue_that_ships_can_be_gone_back_to() {
    let folder = Folder::new();
    let apply = [&UPDATE[..], &["--apply"]].concat();
    for price in ["1.25e-07", "1.3e-07"] {
        folder.write("prices.json", &LIST.replace("1.25e-07", price));
        folder.said(&apply);
    }
    let told = folder.said(&["catalog", "rollback", "--to", "shipped"]);
    assert!(
        told.starts_with("In force: the catalogue that ships with the program, with "),
        "{told}"
    );
    let counts = folder.json(&["catalog", "--json"]);
    assert_eq!(counts["in_force"]["shipped"], true);
    assert!(counts["rollback"].is_null());
}

/// A list with one bad price was called unreadable, by its line and column.
#[test]
fn what_an_update_cannot_read_or_place_is_named() {
    let folder = Folder::new();
    let strange = r#"{"x": {"litellm_provider": "nobody", "mode": "chat"},"#;
    let list = LIST.replacen('{', strange, 1);
    folder.write("prices.json", &list.replace("2e-06", "\"cheap\""));
    let shown = folder.said(&UPDATE);
    assert!(
        shown.starts_with(
            "litellm: 2 lines, and 1 of 1 providers that are not known here: nobody 1\n\
             cannot be read, so that no price of its entry is taken: 1\n  \
             litellm gpt-99: output_cost_per_token is \"cheap\"\n"
        ),
        "{shown}"
    );
    assert!(
        shown.contains("+ gpt-99 (openai/gpt-99): unpriced"),
        "{shown}"
    );
}

/// `… | head` has read enough: what was asked for is done nevertheless, and the status says so.
#[test]
fn an_update_whose_reader_goes_away_is_applied_all_the_same() {
    use std::process::Stdio;
    let folder = Folder::new();
    folder.write("prices.json", LIST);
    let before = folder.json(&["catalog", "--json"])["offerings"].clone();
    let mut command = folder.command(&[&UPDATE[..], &["--apply"]].concat());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = command
        .stdout(writer)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert_ne!(folder.json(&["catalog", "--json"])["offerings"], before);
}

/// A list that holds a part of what it held before would empty the catalogue.
#[test]
fn many_removals_are_refused_unless_asked_for() {
    let folder = Folder::new();
    folder.write("prices.json", LIST);
    let few = ["catalog", "update", "--from", "prices.json"];
    let offerings = || folder.json(&["catalog", "--json"])["by_provider"].clone();
    let before = offerings();
    let shown = folder.said(&few);
    assert!(shown.contains("and --apply would be refused: "), "{shown}");
    let refused = folder.run(&[&few[..], &["--apply"]].concat());
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(
        refused
            .stderr
            .contains(" offerings that should be on the list are not")
            && refused.stderr.contains("--removals all removes them"),
        "{}",
        refused.stderr
    );
    assert_eq!(offerings(), before);
    folder.said(&[&few[..], &["--apply", "--removals", "all"]].concat());
    let after = offerings();
    assert_ne!(after["openai"], before["openai"]);
    assert_eq!(after["groq"], before["groq"], "the list does not name it");
}

#[test]
fn what_is_no_price_list_changes_nothing() {
    let folder = Folder::new();
    folder.write("prices.json", "{\"hello\": 1}");
    let done = folder.run(&["catalog", "update", "--from", "prices.json", "--apply"]);
    assert_eq!(done.code, 1);
    assert!(
        done.stderr
            .contains("neither the JSON of models.dev nor LiteLLM"),
        "{}",
        done.stderr
    );
    let done = folder.run(&["catalog", "update", "--from", "missing.json"]);
    assert!(
        done.stderr.contains("cannot read missing.json"),
        "{}",
        done.stderr
    );
}

/// A folder as maintainers have it: one provider, one model by hand, rules.
fn with_catalog(folder: &Folder) {
    for name in ["catalog/providers", "catalog/hand", "catalog/models"] {
        std::fs::create_dir_all(folder.path(name)).unwrap();
    }
    folder.write(
        "catalog/providers/acme.toml",
        "name = \"Acme\"\nbase_url = \"https://acme.example/v1\"\nspeaks = [\"openai_chat\"]\nevidence = \"a test\"\n\
         known_as = { litellm = [\"acme\"] }\n",
    );
    folder.write(
        "catalog/hand/lab.toml",
        "[[model]]\nslug = \"m-1\"\nname = \"M 1\"\n[[model.offering]]\nprovider = \"acme\"\nwire_id = \"m-1\"\n\
         source = \"https://acme.example/pricing\"\ndate = \"2026-11-01\"\n\
         [[model.offering.price]]\nrates = { input = \"1\", output = \"2\" }\n",
    );
    folder.write(
        "catalog/models/gone.toml",
        "[[model]]\nslug = \"old\"\nname = \"Old\"\n[[model.offering]]\nprovider = \"acme\"\nwire_id = \"old\"\n\
         source = \"https://acme.example/pricing\"\ndate = \"2026-11-01\"\nunpriced = \"it ended\"\n",
    );
    folder.write(
        "catalog/rules.toml",
        "[authors]\nlab = \"lab\"\n[first_party]\nacme = \"lab\"\n",
    );
    folder.write(
        "list.json",
        r#"{"acme/m-1": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 9e-06, "output_cost_per_token": 9e-06},
            "acme/m-2": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06}}"#,
    );
}

#[test]
fn a_build_is_shown_first_and_gives_the_same_files_again() {
    let folder = Folder::new();
    with_catalog(&folder);
    let build = [
        "catalog",
        "build",
        "--source",
        "litellm=list.json",
        "--date",
        "2026-11-21",
    ];
    let shown = folder.said(&build);
    for line in [
        "\nacme\n  + m-1 (lab/m-1): input 1, output 2\n  + m-2 (lab/m-2): input 3, output 4\n  - old (gone/old)\n",
        "litellm: 2 lines",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(
        folder.path("catalog/models/gone.toml").exists(),
        "nothing was written"
    );
    assert!(!folder.path("catalog/models/lab.toml").exists());

    let apply = [&build[..], &["--apply"]].concat();
    folder.said(&apply);
    assert!(!folder.path("catalog/models/gone.toml").exists());
    let made = std::fs::read_to_string(folder.path("catalog/models/lab.toml")).unwrap();
    // What somebody read on the page wins over the list; what only the list knows comes from it, and says so.
    assert!(
        made.contains("rates = { input = \"1\", output = \"2\" }"),
        "{made}"
    );
    assert!(
        made.contains("rates = { input = \"3\", output = \"4\" }"),
        "{made}"
    );
    assert!(
        made.contains("via = \"litellm\"") && made.contains("date = \"2026-11-21\""),
        "{made}"
    );
    let again = folder.said(&apply);
    assert!(
        again.contains("\n0 added, 0 prices changed, 0 changed otherwise, 0 removed\n"),
        "{again}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.path("catalog/models/lab.toml")).unwrap(),
        made
    );
}

#[test]
fn a_build_from_what_is_no_list_writes_nothing() {
    let folder = Folder::new();
    with_catalog(&folder);
    folder.write("broken.json", "[1, 2");
    for (source, expect) in [
        ("litellm=broken.json", "this is no list of litellm"),
        ("litellm=missing.json", "cannot read missing.json"),
        (
            "prices=list.json",
            "no list is called 'prices'; lists are models.dev, litellm, genai-prices",
        ),
    ] {
        let done = folder.run(&["catalog", "build", "--source", source, "--apply"]);
        assert_ne!(done.code, 0, "{source}");
        assert!(done.stderr.contains(expect), "{source}: {}", done.stderr);
        assert!(folder.path("catalog/models/gone.toml").exists());
    }
}

/// Answers each of so many requests in turn, then is gone.
fn answering(answers: &[&str]) -> (String, std::thread::JoinHandle<()>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/prices.json", listener.local_addr().unwrap());
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    let thread = std::thread::spawn(move || {
        for answer in answers {
            let (mut caller, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            let mut some = [0; 1024];
            while !asked.ends_with(b"\r\n\r\n") {
                let read = caller.read(&mut some).unwrap();
                assert!(read > 0, "the request was cut");
                asked.extend_from_slice(&some[..read]);
            }
            assert!(asked.starts_with(b"GET /prices.json HTTP/1.1\r\n"));
            caller.write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, thread)
}

#[test]
fn an_update_comes_from_an_address() {
    let folder = Folder::new();
    let found = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{LIST}",
        LIST.len()
    );
    let gone = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\nconnection: close\r\n\r\n{\"gpt";
    let (url, server) = answering(&[&found, gone, cut, &found]);
    let shown = folder.said(&["catalog", "update", "--from", &url]);
    assert!(
        shown.contains("  + gpt-99 (openai/gpt-99): input 1, output 2\n"),
        "{shown}"
    );
    let missing = folder.run(&["catalog", "update", "--from", &url, "--apply"]);
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("it answered 404"),
        "{}",
        missing.stderr
    );
    let broken = folder.run(&["catalog", "update", "--from", &url, "--apply"]);
    assert_eq!(broken.code, 1);
    assert!(
        broken.stderr.contains(&format!("cannot get {url}")),
        "{}",
        broken.stderr
    );
    assert!(!folder.path("data").exists(), "nothing was changed");
    folder.said(&[
        "catalog",
        "update",
        "--from",
        &url,
        "--apply",
        "--removals",
        "none",
    ]);
    server.join().unwrap();
    let priced = folder.json(&[
        "price",
        "openai/gpt-99",
        "--usage",
        "{\"input\": 1000000}",
        "--json",
    ]);
    assert_eq!(priced["offerings"][0]["cost_usd"], "1");
    let refused = folder.run(&["catalog", "update", "--from", &url]);
    assert_eq!(refused.code, 1, "nobody listens there any more");
}
