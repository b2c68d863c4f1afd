// What the catalogue holds, as the console reads it.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
/** A model in a list. */
export type ModelSummary = Schemas["ModelSummary"];
/** A model with all that is known of it. */
export type ModelPage = Schemas["ModelPage"];
/** A model at a provider. */
export type Offering = Schemas["OfferingView"];
export type Parameter = Schemas["ParameterView"];
export type SimilarModel = Schemas["SimilarView"];
export type PriceSet = Schemas["PriceSetView"];
/** Prices by what they are for: USD per million tokens, or each, as decimal text. */
export type Rates = Schemas["RatesView"];

const HALF_AN_HOUR = 30 * 60_000;

/** All models. They change when the catalogue or a provider does, so they are kept for a while. */
export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/models", { signal })),
  staleTime: HALF_AN_HOUR,
});

/** One model, by `author/slug`. */
export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ["model", id],
    queryFn: ({ signal }) => {
      const [author = "", ...slug] = id.split("/");
      const path = { author, slug: slug.join("/") };
      return answer(admin.GET("/admin/v1/models/{author}/{slug}", { params: { path }, signal }));
    },
    staleTime: 60_000,
  });
