//! When requests are sent: in turn on each connection (closed loop), or at fixed times (open loop).

use std::cell::RefCell;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_local};

use crate::check::{Expect, Fault};
use crate::connection::{Connection, Exchanged, ReadBuffer};
use crate::request::Requests;
use crate::tally::{Summary, Tally};

/// A drive that has this many errors stops early: it has failed anyway.
const MAX_ERRORS: u64 = 100;

/// Requests under way at the end of a drive have this long to finish.
const GRACE: Duration = Duration::from_secs(40);

/// A drive by count has this long.
const MAX_COUNTED: Duration = Duration::from_secs(180);

/// When a drive ends.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// No request starts after this time.
    Time(Duration),
    /// So many requests.
    Count(u64),
}

/// Open connections and what they send.
pub(crate) struct Fleet {
    lines: Vec<Line>,
    requests: Rc<RefCell<Requests>>,
    spread: Duration,
}

/// One connection with its own copy of the request.
struct Line {
    connection: Connection,
    request: Vec<u8>,
}

impl Fleet {
    /// Opens `count` connections. In a closed loop their first requests are spread evenly over `spread`.
    pub(crate) async fn connect(
        address: SocketAddr,
        count: usize,
        requests: Requests,
        expect: Expect,
        spread: Duration,
    ) -> anyhow::Result<Self> {
        let buffer: ReadBuffer = Rc::new(RefCell::new(vec![0; 256 * 1024]));
        let mut lines = Vec::with_capacity(count);
        for number in 1..=count {
            let connection = Connection::open(address, expect, buffer.clone()).await;
            let connection = connection
                .map_err(|fault| anyhow::anyhow!("connection {number} to {address}: {fault}"))?;
            lines.push(Line {
                connection,
                request: requests.copy(),
            });
        }
        Ok(Self {
            lines,
            requests: Rc::new(RefCell::new(requests)),
            spread,
        })
    }
}

/// Each connection sends its next request when the last was answered.
pub(crate) async fn in_turn(fleet: &mut Fleet, limit: Limit) -> anyhow::Result<Summary> {
    let start = Instant::now();
    let shared = Shared::new(fleet, limit, start)?;
    let lines = fleet.lines.len().max(1) as u32;
    let mut tasks = JoinSet::new();
    for (number, mut line) in (0..).zip(fleet.lines.drain(..)) {
        let shared = shared.clone();
        let wait = fleet.spread * number / lines;
        tasks.spawn_local(async move {
            tokio::time::sleep(wait).await;
            let mut now = Instant::now();
            while shared.may_start(now) {
                now = shared.exchange(&mut line, now).await;
            }
            line
        });
    }

    let bound = match limit {
        Limit::Time(time) => time + GRACE,
        Limit::Count(_) => MAX_COUNTED,
    };
    fleet.lines = tokio::time::timeout(bound, tasks.join_all())
        .await
        .context("answers were missing at the end")?;
    Ok(shared.tally.borrow().summary(start.elapsed()))
}

/// `rate` requests a second for `time`, sent at fixed times; latency counts from the time a request was due, so a
/// server that stalls is charged for those that wait behind.
pub(crate) async fn at_rate(
    fleet: &mut Fleet,
    rate: u32,
    time: Duration,
) -> anyhow::Result<Summary> {
    let interval = Duration::from_secs(1) / rate;
    let total = (time.as_secs_f64() * f64::from(rate)) as u32;
    let count = fleet.lines.len();
    let (give_back, mut idle) = mpsc::channel(count);
    for line in fleet.lines.drain(..) {
        give_back
            .try_send(line)
            .map_err(|_| anyhow::anyhow!("more connections than room for them"))?;
    }

    let ticks = Ticks::every(interval)?;
    let start = Instant::now() + interval;
    let shared = Shared::new(fleet, Limit::Count(total.into()), start)?;
    let drive = async {
        let mut sent = 0;
        while sent < total && shared.has_few_errors() {
            for _ in 0..ticks.passed().await?.min((total - sent).into()) {
                let Some(mut line) = idle.recv().await else {
                    bail!("no connection is left")
                };
                let (shared, give_back) = (shared.clone(), give_back.clone());
                let due = start + interval * sent;
                sent += 1;
                spawn_local(async move {
                    shared.exchange(&mut line, due).await;
                    // Fails only if the drive was given up meanwhile.
                    let _ = give_back.send(line).await;
                });
            }
        }
        let mut lines = Vec::with_capacity(count);
        while lines.len() < count {
            lines.push(idle.recv().await.context("a connection was lost")?);
        }
        Ok(lines)
    };
    fleet.lines = tokio::time::timeout(time + GRACE, drive)
        .await
        .context("answers were missing at the end")??;
    Ok(shared.tally.borrow().summary(start.elapsed()))
}

/// What all connections of one drive share.
#[derive(Clone)]
struct Shared {
    tally: Rc<RefCell<Tally>>,
    requests: Rc<RefCell<Requests>>,
    started: Rc<RefCell<u64>>,
    limit: Limit,
    start: Instant,
}

impl Shared {
    fn new(fleet: &Fleet, limit: Limit, start: Instant) -> anyhow::Result<Self> {
        Ok(Self {
            tally: Rc::new(RefCell::new(Tally::new()?)),
            requests: fleet.requests.clone(),
            started: Rc::new(RefCell::new(0)),
            limit,
            start,
        })
    }

    fn may_start(&self, now: Instant) -> bool {
        let mut started = self.started.borrow_mut();
        *started += 1;
        let within = match self.limit {
            Limit::Time(time) => now < self.start + time,
            Limit::Count(count) => *started <= count,
        };
        within && self.has_few_errors()
    }

    fn has_few_errors(&self) -> bool {
        self.tally.borrow().errors() < MAX_ERRORS
    }

    /// One exchange, counted; returns when it ended.
    async fn exchange(&self, line: &mut Line, due: Instant) -> Instant {
        self.requests.borrow_mut().put_key(&mut line.request);
        let on_first_chunk = || self.tally.borrow_mut().stream_opened();
        let result: Result<Exchanged, Fault> = line
            .connection
            .exchange(&line.request, on_first_chunk)
            .await;
        let mut tally = self.tally.borrow_mut();
        match result {
            Ok(Exchanged {
                first_chunk,
                chunks,
                ended,
            }) => {
                tally.right(ended - due, first_chunk.map(|first| first - due), chunks);
                ended
            }
            Err(fault) => {
                tally.wrong(&fault);
                Instant::now()
            }
        }
    }
}

/// A timer finer than the runtime's, whose millisecond steps would show in every latency.
struct Ticks(AsyncFd<OwnedFd>);

impl Ticks {
    fn every(interval: Duration) -> anyhow::Result<Self> {
        let timer = rustix::time::timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        let step = Timespec {
            tv_sec: interval.as_secs().try_into()?,
            tv_nsec: interval.subsec_nanos().into(),
        };
        let times = Itimerspec {
            it_interval: step,
            it_value: step,
        };
        rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
        #[expect(
            deprecated,
            reason = "the successor is an unsafe fn; what it asks for holds: we own the descriptor"
        )]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Self(timer))
    }

    /// Waits for at least one tick and returns how many passed since the last call.
    async fn passed(&self) -> anyhow::Result<u64> {
        let read = |timer: &OwnedFd| {
            let mut passed = [0; 8];
            rustix::io::read(timer, &mut passed)?;
            Ok(u64::from_ne_bytes(passed))
        };
        Ok(self.0.async_io(Interest::READABLE, read).await?)
    }
}
