//! What watched processes spend: CPU per thread name and memory, read from `/proc`.
//!
//! `schedstat` counts nanoseconds; the 10 ms ticks of `stat` serve only to find the share of threads that ended.

use std::collections::BTreeMap;
use std::fs;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;

/// Ticks per second of `/proc/<pid>/stat`, fixed by the kernel's interface on all common architectures.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
const TICK_NS: u64 = 10_000_000;

/// Settling ends when all watched processes together use less than this in each of two steps in a row (records may be
/// written 100 ms later), or after `SETTLE_STEPS`.
const CALM_NS: u64 = 2_000_000;
const SETTLE_STEP: Duration = Duration::from_millis(100);
const SETTLE_STEPS: u32 = 30;

/// Processes that are accounted under one name.
#[derive(Clone)]
pub(crate) struct Watched {
    name: String,
    pids: Vec<u32>,
}

impl Watched {
    /// This process.
    pub(crate) fn own() -> Self {
        Self {
            name: "load".to_owned(),
            pids: vec![std::process::id()],
        }
    }
}

impl FromStr for Watched {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let Some((name, pids)) = text.split_once('=') else {
            bail!("must be name=pid or name=pid,pid")
        };
        let pids = pids.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self {
            name: name.to_owned(),
            pids,
        })
    }
}

/// One look at all watched processes.
pub(crate) struct Sample(Vec<Usage>);

struct Usage {
    name: String,
    /// By thread id: its name and the nanoseconds it ran.
    threads: BTreeMap<u32, (String, u64)>,
    /// All threads, ended ones too, in steps of `TICK_NS`.
    process_ns: u64,
    resident_kb: u64,
    peak_kb: u64,
}

/// What one name spent between two samples.
#[derive(Serialize)]
pub(crate) struct Spent {
    name: String,
    cpu_us: f64,
    /// By thread name; `(ended)` for threads that were gone at the second sample.
    threads_us: BTreeMap<String, f64>,
    resident_kb: u64,
    peak_kb: u64,
}

/// Waits until queued work (records, logs) is done, so that its CPU is counted with the requests that caused it.
pub(crate) async fn settle(watched: &[Watched]) -> anyhow::Result<()> {
    let mut before = total(watched)?;
    let mut calm_steps = 0;
    for _ in 0..SETTLE_STEPS {
        tokio::time::sleep(SETTLE_STEP).await;
        let now = total(watched)?;
        calm_steps = if now.saturating_sub(before) < CALM_NS {
            calm_steps + 1
        } else {
            0
        };
        if calm_steps == 2 {
            return Ok(());
        }
        before = now;
    }
    Ok(())
}

fn total(watched: &[Watched]) -> anyhow::Result<u64> {
    let Sample(usages) = sample(watched)?;
    Ok(usages
        .iter()
        .flat_map(|usage| usage.threads.values())
        .map(|(_, ns)| ns)
        .sum())
}

/// Reads what all watched processes have spent so far.
pub(crate) fn sample(watched: &[Watched]) -> anyhow::Result<Sample> {
    watched
        .iter()
        .map(usage)
        .collect::<anyhow::Result<_>>()
        .map(Sample)
}

/// The difference of two samples of the same processes.
pub(crate) fn spent(before: &Sample, after: Sample) -> Vec<Spent> {
    before
        .0
        .iter()
        .zip(after.0)
        .map(|(before, after)| difference(before, after))
        .collect()
}

fn difference(before: &Usage, after: Usage) -> Spent {
    let mut threads_us = BTreeMap::new();
    let mut threads_ns = 0;
    for (id, (name, ns)) in after.threads {
        let ns = ns - before.threads.get(&id).map_or(0, |(_, ns)| *ns).min(ns);
        threads_ns += ns;
        *threads_us.entry(name).or_insert(0.0) += ns as f64 / 1000.0;
    }
    // Below two ticks it is rounding.
    let process_ns = after.process_ns.saturating_sub(before.process_ns);
    let ended_ns = Some(process_ns.saturating_sub(threads_ns))
        .filter(|ns| *ns > 2 * TICK_NS)
        .unwrap_or(0);
    if ended_ns > 0 {
        threads_us.insert("(ended)".to_owned(), ended_ns as f64 / 1000.0);
    }
    Spent {
        name: after.name,
        cpu_us: (threads_ns + ended_ns) as f64 / 1000.0,
        threads_us,
        resident_kb: after.resident_kb,
        peak_kb: after.peak_kb,
    }
}

fn usage(watched: &Watched) -> anyhow::Result<Usage> {
    let mut usage = Usage {
        name: watched.name.clone(),
        threads: BTreeMap::new(),
        process_ns: 0,
        resident_kb: 0,
        peak_kb: 0,
    };
    for pid in &watched.pids {
        add_process(&mut usage, *pid)
            .with_context(|| format!("cannot account for {} ({pid})", watched.name))?;
    }
    Ok(usage)
}

fn add_process(usage: &mut Usage, pid: u32) -> anyhow::Result<()> {
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        let path = entry?.path();
        // A thread may end while we look.
        let (Ok(name), Ok(schedstat)) = (
            fs::read_to_string(path.join("comm")),
            fs::read_to_string(path.join("schedstat")),
        ) else {
            continue;
        };
        let id = path
            .file_name()
            .and_then(|id| id.to_str())
            .context("no thread id")?
            .parse()?;
        let ns = schedstat
            .split_whitespace()
            .next()
            .context("empty schedstat")?
            .parse()?;
        usage.threads.insert(id, (name.trim().to_owned(), ns));
    }
    usage.process_ns += process_ns(&fs::read_to_string(format!("/proc/{pid}/stat"))?)?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    usage.resident_kb += kilobytes(&status, "VmRSS:")?;
    usage.peak_kb += kilobytes(&status, "VmHWM:")?;
    Ok(())
}

/// `utime` and `stime`: fields 14 and 15, counted after the name, which may hold spaces and brackets.
fn process_ns(stat: &str) -> anyhow::Result<u64> {
    let (_, after_name) = stat.rsplit_once(')').context("malformed stat")?;
    let mut times = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>);
    match (times.next(), times.next()) {
        (Some(user), Some(system)) => Ok((user? + system?) * TICK_NS),
        (_, _) => bail!("malformed stat"),
    }
}

fn kilobytes(status: &str, field: &str) -> anyhow::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let line = line.with_context(|| format!("no {field} in status"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read() {
        let own = usage(&Watched::own()).unwrap();
        assert!(!own.threads.is_empty());
        assert!(own.resident_kb > 0 && own.peak_kb >= own.resident_kb);
    }

    #[test]
    fn times_are_found_behind_an_odd_name() {
        let stat = "7 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20";
        assert_eq!(process_ns(stat).unwrap(), 150 * TICK_NS);
        assert!(process_ns("7 (a) S 1").is_err());
    }

    #[test]
    fn a_difference_is_by_name_and_finds_ended_threads() {
        let usage = |threads: &[(u32, &str, u64)], process_ns| Usage {
            name: "server".to_owned(),
            threads: threads
                .iter()
                .map(|(id, name, ns)| (*id, ((*name).to_owned(), *ns)))
                .collect(),
            process_ns,
            resident_kb: 5,
            peak_kb: 6,
        };
        let before = usage(&[(1, "main", 1_000_000), (2, "worker", 0)], 0);
        let after = usage(
            &[
                (1, "main", 3_000_000),
                (2, "worker", 500_000),
                (3, "worker", 500_000),
            ],
            10 * TICK_NS,
        );
        let spent = difference(&before, after);
        assert_eq!(spent.threads_us["main"], 2000.0);
        assert_eq!(spent.threads_us["worker"], 1000.0);
        assert_eq!(spent.threads_us["(ended)"], 97_000.0);
        assert_eq!(spent.cpu_us, 100_000.0);
    }

    #[test]
    fn a_watch_is_parsed() {
        let watched: Watched = "server=12,13".parse().unwrap();
        assert_eq!(
            (watched.name.as_str(), watched.pids),
            ("server", vec![12, 13])
        );
        assert!("12".parse::<Watched>().is_err());
        assert!("server=x".parse::<Watched>().is_err());
    }
}
