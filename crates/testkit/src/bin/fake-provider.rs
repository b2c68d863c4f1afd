//! The fake provider as a program, for tests in other languages. Prints `listening http://127.0.0.1:PORT` as its first
//! line and runs until its standard input closes, so that it never outlives the test that started it.

use std::io::{Read, Write};
use std::net::SocketAddr;
use testkit::fake_provider::FakeProvider;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let address: SocketAddr = address.parse().map_err(std::io::Error::other)?;
    let provider = FakeProvider::listen(address).await?;
    writeln!(std::io::stdout(), "listening {}", provider.url())?;
    std::io::stdout().flush()?;
    let parent_gone = tokio::task::spawn_blocking(|| {
        // Whatever ends the input, a byte or an error, only its end matters.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    });
    tokio::select! {
        () = provider.run() => {}
        _ = parent_gone => {}
    }
    // The blocking read may still be under way.
    std::process::exit(0)
}
