import { NumberInput, SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import type { ModelPage, Offering } from "~/api/catalogue";
import { fullCount } from "~/format/counts";
import { rateName, sentence } from "~/format/words";
import { Fact, Facts } from "~/parts/Facts";
import { LoneFigure } from "~/parts/Figures";
import { Money, PriceOf } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { bill, tiersOf, type Workload } from "./cost";
import { leading, pricesOf, type Tier } from "./derived";
import classes from "./Model.module.css";

const FIRST: Workload = { input: 1_000, cached: 0, output: 300, requests: 1_000 };

/** All prices of an offering, and what a workload costs there. */
export function Pricing({ page }: { page: ModelPage }) {
  const priced = page.offerings.filter((offering) => pricesOf(offering));
  const [chosen, setChosen] = useState(() => keyOf(leading(page)));
  const [tier, setTier] = useState<Tier>("standard");
  const [load, setLoad] = useState(FIRST);
  const offering = priced.find((one) => keyOf(one) === chosen) ?? priced[0];
  if (!offering) {
    return (
      <Section id="pricing" title="Pricing">
        <p className="dim">
          {page.offerings[0]?.unpriced ?? "No provider publishes a price."} Requests are served and marked as
          unpriced.
        </p>
      </Section>
    );
  }
  const tiers = tiersOf(offering);
  const shown = tiers.includes(tier) ? tier : "standard";
  const sum = bill(offering, shown, load);
  const set = (part: Partial<Workload>) => setLoad({ ...load, ...part });
  return (
    <Section id="pricing" title="Pricing" note={<PriceSource offering={offering} />}>
      <div className={classes.calculator}>
        <Select
          size="xs"
          label="Provider"
          data={priced.map((one) => ({ value: keyOf(one), label: nameOf(one, priced) }))}
          value={keyOf(offering)}
          onChange={(value) => value && setChosen(value)}
        />
        {tiers.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Service tier"
            data={tiers.map((value) => ({ value, label: sentence(value) }))}
            value={shown}
            onChange={(value) => setTier(value as Tier)}
          />
        )}
        <PriceList offering={offering} tier={shown} />
        <h3>What would it cost?</h3>
        <div className={classes.loads}>
          <Amount label="Input" unit="tokens" value={load.input} onChange={(input) => set({ input })} />
          <Amount
            label="Of which cached"
            unit="tokens"
            value={load.cached}
            onChange={(cached) => set({ cached })}
          />
          <Amount label="Output" unit="tokens" value={load.output} onChange={(output) => set({ output })} />
          <Amount label="Requests" value={load.requests} onChange={(requests) => set({ requests })} />
        </div>
        {sum && (
          <output className={classes.sum}>
            <LoneFigure>
              <Money usd={sum.total} />
            </LoneFigure>
            <span className="dim">
              for {fullCount(load.requests)} requests, <Money usd={sum.perRequest} /> each
            </span>
          </output>
        )}
      </div>
    </Section>
  );
}

function PriceList({ offering, tier }: { offering: Offering; tier: Tier }) {
  const set = pricesOf(offering, tier);
  if (!set) return null;
  return (
    <Facts>
      {Object.entries(set.rates)
        .filter(([, usd]) => usd !== null)
        .map(([name, usd]) => (
          <Rate key={name} name={name} usd={usd} />
        ))}
      {set.context_tiers.map(({ above, rates }) => (
        <Above key={above} above={above} input={rates.input} output={rates.output} />
      ))}
    </Facts>
  );
}

function Rate({ name, usd }: { name: string; usd: string | null }) {
  return (
    <Fact name={rateName(name)}>
      <PriceOf usd={usd} /> <span className="dim">{name.startsWith("per_") ? "each" : "per 1M tokens"}</span>
    </Fact>
  );
}

function Above({ above, input, output }: { above: number; input: string; output: string }) {
  return (
    <Fact name={`Above ${fullCount(above)}`}>
      <PriceOf usd={input} /> in, <PriceOf usd={output} /> out{" "}
      <span className="dim">for the whole request</span>
    </Fact>
  );
}

function Amount(props: { label: string; unit?: string; value: number; onChange: (value: number) => void }) {
  return (
    <NumberInput
      size="xs"
      label={props.label}
      suffix={props.unit && ` ${props.unit}`}
      thousandSeparator=","
      min={0}
      max={1_000_000_000}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={props.value}
      onChange={(value) => props.onChange(typeof value === "number" ? value : Number(value) || 0)}
    />
  );
}

function PriceSource({ offering }: { offering: Offering }) {
  if (!offering.source) return null;
  const date = offering.date && `, ${offering.date}`;
  return offering.source.startsWith("https://") ? (
    <>
      <a href={offering.source} target="_blank" rel="noreferrer">
        Source
      </a>
      {offering.via && ` via ${offering.via}`}
      {date}
    </>
  ) : (
    <>
      Source: {offering.source}
      {date}
    </>
  );
}

function keyOf(offering: Offering | undefined): string {
  return offering ? `${offering.provider.id} ${offering.wire_id}` : "";
}

/** A provider may have a model twice. */
function nameOf(offering: Offering, all: Offering[]): string {
  const twice = all.filter((one) => one.provider.id === offering.provider.id).length > 1;
  return twice ? `${offering.provider.name} (${offering.wire_id})` : offering.provider.name;
}
