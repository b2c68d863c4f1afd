import type { Provider } from "~/api/providers";
import { DIALECTS, grantedName } from "~/format/words";
import { Fact, Facts } from "~/parts/Facts";
import { Section } from "~/parts/Page";

const LINKS = ["docs", "pricing", "terms", "privacy", "status"] as const;

/** What is known of a provider: addresses, terms, where it sits. */
export function About({ provider }: { provider: Provider }) {
  const { links, data } = provider;
  const given = LINKS.flatMap((name) => (links[name] ? [{ name, address: links[name] }] : []));
  return (
    <Section title="About">
      <Facts>
        <Fact name="Id">
          <span className="mono">{provider.id}</span>
        </Fact>
        {provider.endpoints.map(({ dialect, base_url }) => (
          <Fact key={dialect} name={DIALECTS[dialect] ?? dialect}>
            <span className="mono">{base_url}</span>
          </Fact>
        ))}
        <Fact name="Zero retention">{grantedName(data.zero_retention)}</Fact>
        <Fact name="No training">{grantedName(data.no_training)}</Fact>
        <Fact name="Headquarters">{provider.headquarters ?? "not known"}</Fact>
        {provider.regions.length > 0 && <Fact name="Regions">{provider.regions.join(", ")}</Fact>}
        {provider.evidence && <Fact name="Evidence">{provider.evidence}</Fact>}
        {given.length > 0 && (
          <Fact name="Read">
            {given.map(({ name, address }) => (
              <a key={name} href={address ?? ""} target="_blank" rel="noreferrer">
                {name}
              </a>
            ))}
          </Fact>
        )}
      </Facts>
    </Section>
  );
}
