import { useQuery } from "@tanstack/react-query";
import { breakdownQuery, type RequestRecord } from "~/api/requests";
import { fullCount } from "~/format/counts";
import { sentence } from "~/format/words";
import { Money } from "~/parts/Money";
import classes from "./Logs.module.css";

const COUNTS = ["input", "cache_read", "cache_write", "output", "reasoning"] as const;
const NAMES: Record<string, string> = {
  input: "Uncached input",
  cache_read: "Cache read",
  cache_write: "Cache write",
  output: "Output",
  reasoning: "Of which reasoning",
};
/** Where reasoning has a price of its own, output is the rest. */
const APART: Record<string, string> = { output: "Answer", reasoning: "Reasoning" };

/** The tokens of a request, and what each kind cost. */
export function CostBreakdown({ request }: { request: RequestRecord }) {
  const quote = useQuery({
    ...breakdownQuery(request),
    enabled: request.provider !== "" && request.cost_usd !== null,
  });
  const parts: Record<string, string> = { ...quote.data?.breakdown };
  const apart = parts.reasoning !== undefined && Number(parts.reasoning) !== 0;
  const tokens = { ...request.usage };
  if (apart) tokens.output -= tokens.reasoning;
  const counts = COUNTS.filter((name) => tokens[name] > 0);
  const others = Object.keys(parts).filter(
    (name) => !(COUNTS as readonly string[]).includes(name) && Number(parts[name]) !== 0,
  );
  if (counts.length === 0 && others.length === 0 && Number(request.cost_usd) === 0) {
    return <p className="dim">No tokens were counted, and nothing is billed.</p>;
  }
  return (
    <table className={classes.cost}>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Tokens</th>
          <th scope="col">Cost</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((name) => (
          <tr key={name}>
            <th scope="row">{(apart && APART[name]) || NAMES[name]}</th>
            <td>{fullCount(tokens[name])}</td>
            <td>{parts[name] === undefined ? "" : <Money usd={parts[name]} />}</td>
          </tr>
        ))}
        {others.map((name) => (
          <tr key={name}>
            <th scope="row">{sentence(name)}</th>
            <td />
            <td>
              <Money usd={parts[name]} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Total</th>
          <td />
          <td>
            <Money usd={request.cost_usd} why="Unpriced: the offering has no price." />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
