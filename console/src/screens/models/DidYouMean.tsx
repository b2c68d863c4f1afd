import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { ModelSummary } from "~/api/catalogue";
import { toModel } from "~/urls/toModel";
import classes from "./DidYouMean.module.css";

/** Links to what was probably meant; nothing where nothing was. */
export function DidYouMean({ models }: { models: ModelSummary[] }) {
  if (models.length === 0) return null;
  return (
    <p className={classes.meant}>
      Did you mean{" "}
      {models.map(({ id, name }, at) => (
        <Fragment key={id}>
          {at > 0 && (at === models.length - 1 ? " or " : ", ")}
          <Link {...toModel(id)} title={id}>
            {name}
          </Link>
        </Fragment>
      ))}
      ?
    </p>
  );
}
