import { Button } from "@mantine/core";
import { CopyText } from "~/parts/Copy";
import { Actions, Stack } from "~/parts/Form";
import { LinkButton } from "~/parts/LinkButton";
import classes from "./Keys.module.css";

/** A secret, the one time that it is there to be seen. */
export function ShownOnce({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Stack>
      <p>Copy it now: only its hash is kept, so nobody can show it again.</p>
      <div className={classes.secret}>
        <CopyText value={secret} label="the key" />
      </div>
      <p className="dim">Until this page is closed, samples of code hold it too.</p>
      <Actions>
        <LinkButton to="/start" size="xs">
          Send a request with it
        </LinkButton>
        <Button variant="default" size="xs" onClick={onClose}>
          Done
        </Button>
      </Actions>
    </Stack>
  );
}
