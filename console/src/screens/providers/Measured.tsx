import type { Figures } from "~/api/performance";
import { fullCount, percent } from "~/format/counts";
import { duration } from "~/format/time";
import { sentence } from "~/format/words";
import { Fact, Facts } from "~/parts/Facts";
import { Money } from "~/parts/Money";
import { Section } from "~/parts/Page";

/** What this gateway's own calls say of a provider. */
export function Measured({ figures }: { figures: Figures }) {
  const { sums, first_token_ms: first, tokens_per_second: speed, success, uptime, minutes } = figures;
  const outcomes = Object.entries(figures.outcomes).sort(([, one], [, other]) => other - one);
  return (
    <Section title="In the last 24 hours" note={`${fullCount(sums.requests)} calls of this gateway`}>
      <Facts>
        {first.p50 !== null && (
          <Fact name="TTFT">
            p50 {duration(first.p50)}, p95 {duration(first.p95 ?? first.p50)}{" "}
            <span className="dim">n = {fullCount(first.samples)}</span>
          </Fact>
        )}
        {speed.p50 !== null && (
          <Fact name="Speed">
            p50 {Math.round(speed.p50)} tok/s <span className="dim">n = {fullCount(speed.samples)}</span>
          </Fact>
        )}
        {success !== null && <Fact name="Success">{percent(success)}</Fact>}
        {uptime !== null && (
          <Fact name="Uptime">
            {percent(uptime)}{" "}
            <span className="dim">
              of {minutes === 1 ? "one minute" : `${fullCount(minutes)} minutes`} with traffic
            </span>
          </Fact>
        )}
        <Fact name="Outcomes">
          {outcomes.map(([name, count]) => `${sentence(name)} ${fullCount(count)}`).join(", ")}
        </Fact>
        <Fact name="Cost">
          <Money usd={sums.cost_usd} />
        </Fact>
      </Facts>
    </Section>
  );
}
