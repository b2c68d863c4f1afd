//! What is read of `tollgate.toml`, how mistakes are told, and that the example shows every setting.

use super::super::ConfigError;
use super::{Settings, Source, read};
use std::path::Path;

fn parsed(text: &str) -> Result<Settings, ConfigError> {
    let variable = |name: &str| (name == "SET").then(|| "secret".to_owned());
    read(
        Source {
            path: Path::new("tollgate.toml"),
            text,
        },
        &variable,
    )
}

fn wrong(text: &str, expect: &str) {
    let error = parsed(text).expect_err(text).to_string();
    assert!(
        error.contains(expect),
        "{text}\n  gave: {error}\n  want: {expect}"
    );
}

#[test]
fn trusted_proxies_are_addresses_and_networks() {
    parsed("[server]\ntrusted_proxies = [\"10.0.0.5\", \"fd00::/8\"]").unwrap();
    wrong(
        "[server]\ntrusted_proxies = [\"10.0.0.5\", \"proxy.example\"]",
        "tollgate.toml:2:32: trusted_proxies: 'proxy.example' is neither an address nor a network",
    );
}

#[test]
fn a_provider_in_both_spellings_of_models() {
    let settings = parsed(
        r#"
            [server]
            listen = "127.0.0.1:9000"
            [providers.near]
            base_url = "http://127.0.0.1:1/v1"
            api_key = "${SET}"
            speaks = ["openai_chat"]
            models = ["a"]
            [[providers.far.models]]
            id = "b"
            input = "0.075"
            output = "0.3"
            [providers.far]
            base_url = "http://127.0.0.1:2/v1"
            "#,
    )
    .unwrap();
    assert_eq!(settings.listen.port(), 9000);
    assert_eq!(settings.api_keys["near"], "secret");
    let models: Vec<_> = settings
        .overlay
        .providers
        .iter()
        .flat_map(|p| &p.models)
        .collect();
    assert_eq!(
        models
            .iter()
            .map(|model| model.id.as_str())
            .collect::<Vec<_>>(),
        ["b", "a"]
    );
    assert!(!models[0].price.is_empty() && models[1].price.is_empty());
}

#[test]
fn mistakes_name_line_and_fix() {
    wrong(
        "[server]\nlisten = \"nowhere\"",
        "tollgate.toml:2:10: listen: 'nowhere' is not an address",
    );
    wrong(
        "[server]\nlissten = \"x\"",
        "tollgate.toml:2:1: unknown field `lissten`",
    );
    wrong(
        "[server]\nmax_body_bytes = 0",
        "tollgate.toml:2:18: must be 1 or more",
    );
    wrong(
        "[providers.a]\napi_key = \"${UNSET}\"",
        "tollgate.toml:2:11: the environment variable UNSET is not set",
    );
    wrong(
        "[providers.a]\nbase_url = \"ftp://x\"",
        "must begin with http:// or https://",
    );
    wrong(
        "[providers.a]\nbase_url = \"https://x/v1/chat/completions/\"",
        "tollgate.toml:2:12: base_url: 'https://x/v1/chat/completions/' ends in a path that the gateway adds itself; write 'https://x/v1'",
    );
    wrong(
        "[providers.a]\napi_key = \" \"",
        "tollgate.toml:2:11: api_key: is empty",
    );
    wrong(
        "[providers.a]\nmodels = [{id = \"m\", input = 0.15}]",
        "floating point `0.15`, expected a string: put it between quotes",
    );
    wrong(
        "[providers.a]\nspeaks = [\"klingon\"]",
        "there is no dialect 'klingon'; known are openai_chat, ",
    );
    wrong(
        "[providers.a]\nmodels = [{id = \"m\", input = \"cheap\"}]",
        "USD per million tokens as a string",
    );
    wrong(
        "[providers.a]\nmodels = [{id = \"m\", price_multiplier = \"85%\"}]",
        "write a factor from 0 to 1000, like \"0.85\"",
    );
    wrong(
        "[models]\npublic = \"yes\"",
        "tollgate.toml:2:10: invalid type: string \"yes\", expected a boolean",
    );
    wrong(
        "[providers.a]\nmodels = [{id = \"m\", inputt = \"1\"}]",
        "unknown field `inputt`",
    );
    wrong(
        "[fetch]\nallow = [\"a.example\", \"10.0.0.0/33\"]",
        "tollgate.toml:2:23: allow: '10.0.0.0/33' is neither a host's name nor an address or network",
    );
    wrong(
        "[fetch]\nports = [0]",
        "tollgate.toml:2:10: ports: must be from 1 to 65535",
    );
    wrong(
        "[fetch]\ntimeout_seconds = 601",
        "tollgate.toml:2:19: must be 600 or less",
    );
    wrong("nonsense", "tollgate.toml:1:");
}

#[test]
fn fetching_is_on_for_public_addresses_unless_it_is_said_otherwise() {
    let default = parsed("").unwrap().fetch.rules.unwrap();
    assert_eq!(
        default,
        (upstream::FetchLimits::default(), upstream::Guard::default())
    );
    let off = parsed("[fetch]\nenabled = false").unwrap();
    assert!(off.fetch.rules.is_none());
    let text =
        "[fetch]\nallow = [\"10.1.0.0/16\"]\nports = [8443]\nmax_bytes = 7\ntimeout_seconds = 3";
    let (limits, guard) = parsed(text).unwrap().fetch.rules.unwrap();
    assert_eq!(limits.max_bytes, 7);
    assert_eq!(limits.total, std::time::Duration::from_secs(3));
    let expect = upstream::Guard::default()
        .and_allow("10.1.0.0/16")
        .unwrap()
        .and_ports(&[8443]);
    assert_eq!(guard, expect);
}

const EXAMPLE: &str = include_str!("../../../../../tollgate.example.toml");

/// The example's settings are commented out with a bare `#`; prose has a space after it.
fn uncommented() -> String {
    let setting = |line: &'static str| {
        let bare = line.strip_prefix('#');
        bare.filter(|bare| !bare.is_empty() && !bare.starts_with(' '))
            .unwrap_or(line)
    };
    EXAMPLE.lines().map(setting).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_as_it_stands_changes_nothing() {
    let settings = parsed(EXAMPLE).unwrap();
    assert_eq!(
        format!("{settings:?}"),
        format!("{:?}", parsed("").unwrap())
    );
}

#[test]
fn the_example_shows_the_defaults_and_good_providers() {
    let text = uncommented()
        .replace("${OPENAI_API_KEY}", "${SET}")
        .replace("${ACME_API_KEY}", "${SET}")
        .replace("${TEAM}", "${SET}");
    let shown = parsed(&text).unwrap();
    let default = parsed("").unwrap();
    assert_eq!(shown.listen, default.listen);
    assert_eq!(shown.max_body_bytes, default.max_body_bytes);
    assert_eq!(shown.body_timeout, default.body_timeout);
    assert_eq!(shown.max_connections, default.max_connections);
    assert_eq!(shown.keep_alive, default.keep_alive);
    assert_eq!(shown.shutdown_grace, default.shutdown_grace);
    assert_eq!(
        format!("{:?}", shown.upstream),
        format!("{:?}", default.upstream)
    );
    assert_eq!(shown.storage.sync_interval, default.storage.sync_interval);
    let shown_rules = shown.fetch.rules.as_ref().map(|(limits, _)| limits);
    let default_rules = default.fetch.rules.as_ref().map(|(limits, _)| limits);
    assert_eq!(shown_rules, default_rules);
    assert_eq!(
        shown.fetch.max_request_bytes,
        default.fetch.max_request_bytes
    );
    assert_eq!(shown.responses, default.responses);
    assert!(
        !shown.public_models && !default.public_models,
        "closed by default"
    );
    assert_eq!(shown.disabled, ["groq"]);
    assert_eq!(shown.api_keys.len(), 2);
    let nobody = |_: &str| None;
    crate::assemble::Ground::lay(&shown, std::path::Path::new("none"), &nobody)
        .expect("it fits the catalogue");
}

/// What only the catalogue can tell is told with its line too.
#[test]
fn what_does_not_fit_the_catalogue_is_told_with_its_line() {
    let check = |text: &str, expect: &str| {
        let settings = parsed(text).unwrap();
        let none = std::path::Path::new("none");
        let laid = crate::assemble::Ground::lay(&settings, none, &|_| None);
        let heard = laid.err().unwrap().to_string();
        assert_eq!(heard, expect);
    };
    check(
        "[providers.acme]\nbase_url = \"http://127.0.0.1:1/v1\"\nmodels = [\n  \"m\",\n  {id = \"*\", price_multiplier = \"0.8\"},\n]\n",
        "tollgate.toml:5:3: providers.acme.models[1]: '*': price_multiplier: the catalogue lists nothing at this provider that \
         it could multiply: say input and output of each model",
    );
    check(
        "[providers.openai]\nmodels = [\n  {id = \"gpt-4o\", input = \"2\"},\n  {id = \"GPT-4o\", output = \"8\"},\n]\n",
        "tollgate.toml:4:3: providers.openai.models[1]: 'GPT-4o': models[0] ('gpt-4o') is about the same: say all in one \
         entry (the other stands at tollgate.toml:3:3)",
    );
    check(
        "[providers.together]\nenabled = true\n[providers.togetherai]\napi_key = \"k\"\n",
        "tollgate.toml:3:1: providers.togetherai: is the same provider as providers.together: say all of it there (the \
         other stands at tollgate.toml:1:1)",
    );
    check(
        "[providers.opnai]\napi_key = \"k\"\n",
        "tollgate.toml:1:1: providers.opnai.base_url: a provider that the catalogue does not know needs a base_url (did you mean \
         openai?)",
    );
    check(
        "[providers.acme]\nbase_url = \"http://127.0.0.1:1/v1\"\nmodels = [{id = \"m\", cache_read = \"0.1\"}]\n",
        "tollgate.toml:3:11: providers.acme.models[0]: 'm': the catalogue has no price of it at this provider: say both \
         input and output (\"0\" where nothing is charged)",
    );
}

/// The next catalogue may contradict what this one does not, and a server would not start with it.
#[test]
fn what_only_todays_catalogue_contradicts_is_told_with_its_line_and_stops_no_start() {
    let text = "[providers.openai]\napi_key = \"k\"\nmodels = [\n  {id = \"gpt-4o-minni\", input = \"0.1\", output = \"0.4\"},\n  \
                {id = \"gpt-4o-mini\", input = \"0.01\", output = \"0.6\"},\n]\n";
    let settings = parsed(text).unwrap();
    let none = std::path::Path::new("none");
    let ground = crate::assemble::Ground::lay(&settings, none, &|_| None).unwrap();
    let [slip, price] = &ground.doubts[..] else {
        panic!("{:?}", ground.doubts);
    };
    assert_eq!(
        slip,
        "tollgate.toml:4:3: providers.openai.models[0]: id: no model is called 'gpt-4o-minni' (did you mean \
         openai/gpt-4o-mini?): where it is another model, say new = true",
    );
    assert!(
        price.starts_with("tollgate.toml:5:3: providers.openai.models[1]: 'gpt-4o-mini': the catalogue's price of cached"),
        "{price}"
    );
    let catalog = ground.catalog();
    let mini = catalog.resolve("openai/gpt-4o-mini").unwrap().model;
    let at_openai = |idx: &domain::catalog::OfferingIdx| {
        catalog.provider(catalog.offering(*idx).provider).id == "openai"
    };
    let mut offerings = catalog.model(mini).offerings.iter();
    let own = catalog.offering(*offerings.find(|idx| at_openai(idx)).unwrap());
    let last = own.price.as_ref().unwrap().periods().last().unwrap();
    assert_eq!(last.standard.base.input.to_string(), "0.01");
}

#[test]
fn the_example_shows_every_field() {
    let sections = [
        ("[server]", "[server]\nno_such_field = 1"),
        ("[storage]", "[storage]\nno_such_field = 1"),
        ("[fetch]", "[fetch]\nno_such_field = 1"),
        ("[responses]", "[responses]\nno_such_field = 1"),
        ("[models]", "[models]\nno_such_field = 1"),
        ("a provider", "[providers.a]\nno_such_field = 1"),
        ("a model", "[[providers.a.models]]\nno_such_field = 1"),
    ];
    let example = uncommented();
    for (section, text) in sections {
        let error = parsed(text).expect_err(section).to_string();
        let (_, known) = error.split_once("expected one of ").unwrap_or_else(|| {
            let (_, pair) = error.split_once("expected ").expect(&error);
            ("", pair)
        });
        let fields: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        assert!(!fields.is_empty(), "{error}");
        for field in fields {
            let shown = example.lines().any(|line| {
                line.starts_with(&format!("{field} = "))
                    || line == format!("[[providers.acme.{field}]]")
            });
            assert!(shown, "the example does not show {field} of {section}");
        }
    }
}
