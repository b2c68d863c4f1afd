import { Button, Menu } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { createKey } from "~/api/keys";
import { chooseKey, useChosenKey, useKnownKeys } from "~/api/knownKeys";
import { NO_KEY } from "./snippets";

/** The key that stands in samples: its secret for copying, and how it is shown. */
export function useKeyForSamples(): { secret: string; shown: string } {
  const key = useChosenKey();
  if (key === null) return { secret: NO_KEY, shown: NO_KEY };
  return { secret: key.secret, shown: `${key.secret.slice(0, 9)}…` };
}

/** Chooses whose key samples hold. Only keys made on this page can be chosen: no other secret is known to anybody. */
export function KeyPicker() {
  const known = useKnownKeys();
  const chosen = useChosenKey();
  const make = useMutation({
    mutationFn: () => createKey({ project: "samples", name: `sample-${Date.now().toString(36)}` }),
  });
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconKey size={14} />} loading={make.isPending}>
          {chosen ? `Key: ${chosen.name}` : "Fill in a key"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {known.map((key) => (
          <Menu.Item key={key.id} onClick={() => chooseKey(key.id)}>
            {key.name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => make.mutate()}>Make a key for samples</Menu.Item>
        {chosen && <Menu.Item onClick={() => chooseKey(null)}>Take the key out</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
