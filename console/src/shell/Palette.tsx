import { Modal } from "@mantine/core";
import { IconArrowRight, IconBox, IconKey, IconListDetails, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { type ModelSummary, modelsQuery } from "~/api/catalogue";
import { keysQuery } from "~/api/keys";
import { isRequestId } from "~/api/requests";
import { best } from "~/screens/models/choose";
import { nearly } from "~/screens/models/nearly";
import { toModel } from "~/urls/toModel";
import classes from "./Palette.module.css";
import { PAGES } from "./pages";

interface Hit {
  id: string;
  group: string;
  name: string;
  note?: string;
  icon: ReactNode;
  go: () => void;
}

const NO_TRANSITION = { duration: 0 };
const MOST_MODELS = 8;
const MOST_KEYS = 5;

/** Finds screens, models, keys and requests by a few letters; opened by ⌘K. */
export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const hits = useHits(typed.trim(), onHelp);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    hit.go();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((at + step + hits.length) % Math.max(1, hits.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(hits[at]);
    }
  };
  return (
    // In parts, since it has a name and no title.
    <Modal.Root
      opened
      onClose={onClose}
      size="lg"
      padding={0}
      yOffset="12vh"
      lockScroll={false}
      transitionProps={NO_TRANSITION}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Find">
        <div className={classes.field}>
          <IconSearch size={17} />
          <input
            data-autofocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={hits[at] && `${list}-${at}`}
            aria-label="Find models, keys, requests, screens"
            placeholder="Find models, keys, requests, screens"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={pressed}
          />
        </div>
        <div id={list} role="listbox" aria-label="Found" className={classes.hits}>
          {hits.map((hit, index) => (
            <Option
              key={hit.id}
              id={`${list}-${index}`}
              hit={hit}
              first={hits[index - 1]?.group !== hit.group}
              active={index === at}
              onOpen={() => open(hit)}
            />
          ))}
          {hits.length === 0 && <div className={classes.none}>Nothing is called that.</div>}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

function Option(props: { id: string; hit: Hit; first: boolean; active: boolean; onOpen: () => void }) {
  const { hit, active } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      {props.first && (
        <div className={classes.group} role="presentation">
          {hit.group}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field opens it */}
      <div
        ref={row}
        id={props.id}
        role="option"
        tabIndex={-1}
        aria-selected={active}
        className={classes.hit}
        onClick={props.onOpen}
      >
        {hit.icon}
        <span>{hit.name}</span>
        {hit.note && <span className={`${classes.note} mono`}>{hit.note}</span>}
      </div>
    </>
  );
}

function useHits(typed: string, onHelp: () => void): Hit[] {
  const navigate = useNavigate();
  const models = useQuery(modelsQuery).data;
  const keys = useQuery(keysQuery).data;
  return useMemo(() => {
    const word = typed.toLowerCase();
    const screens: Hit[] = PAGES.filter(({ name }) => name.toLowerCase().includes(word)).map(
      ({ to, name, icon: Icon, key }) => ({
        id: to,
        group: "Screens",
        name,
        note: `g ${key}`,
        icon: <Icon size={16} />,
        go: () => void navigate({ to }),
      }),
    );
    if ("keyboard shortcuts".includes(word)) {
      screens.push({
        id: "help",
        group: "Screens",
        name: "Keyboard",
        note: "?",
        icon: <IconArrowRight size={16} />,
        go: onHelp,
      });
    }
    if (typed === "") return screens;
    const hit = (group: string) => (model: ModelSummary) => ({
      id: model.id,
      group,
      name: model.name,
      note: model.id,
      icon: <IconBox size={16} />,
      go: () => void navigate(toModel(model.id)),
    });
    const found: Hit[] = best(models ?? [], typed, MOST_MODELS).map(hit("Models"));
    const named = (keys ?? []).filter((key) =>
      [key.id, key.name, key.prefix].some((text) => text.toLowerCase().includes(word)),
    );
    const foundKeys: Hit[] = named.slice(0, MOST_KEYS).map((key) => ({
      id: key.id,
      group: "Keys",
      name: key.name,
      note: `${key.prefix}… in ${key.project_name}`,
      icon: <IconKey size={16} />,
      go: () => void navigate({ to: "/keys", search: { key: key.id } }),
    }));
    const request: Hit[] = isRequestId(typed)
      ? [
          {
            id: typed,
            group: "Requests",
            name: `Request ${typed}`,
            icon: <IconListDetails size={16} />,
            go: () => void navigate({ to: "/logs", search: { request: typed } }),
          },
        ]
      : [];
    const all = [...request, ...found, ...foundKeys, ...screens];
    return all.length > 0 ? all : nearly(models ?? [], typed).map(hit("Did you mean"));
  }, [typed, models, keys, navigate, onHelp]);
}
