import { LinkButton } from "~/parts/LinkButton";
import { Page } from "~/parts/Page";
import { EmptyState } from "~/parts/States";

export function NotFound() {
  return (
    <Page title="No such page">
      <EmptyState
        title="There is nothing at this address."
        action={
          <LinkButton to="/models" variant="default" size="xs">
            See all models
          </LinkButton>
        }
      >
        It may have been moved, or the link lost a part on its way.
      </EmptyState>
    </Page>
  );
}
