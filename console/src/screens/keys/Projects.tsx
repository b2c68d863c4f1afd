import { ActionIcon, Button, Menu, Modal, TextInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  createProject,
  deleteProject,
  type Key,
  keysQuery,
  type Project,
  projectsQuery,
  renameProject,
} from "~/api/keys";
import { Confirm } from "~/parts/Confirm";
import { Form, typed } from "~/parts/Form";
import classes from "./Keys.module.css";

interface Props {
  projects: Project[];
  keys: Key[];
  chosen: string | undefined;
  onChoose: (project: string | undefined) => void;
}

/** Projects as filters of the keys below, and what can be done with them. */
export function Projects({ projects, keys, chosen, onChoose }: Props) {
  const [naming, setNaming] = useState<Project | "new" | null>(null);
  const project = projects.find(({ id }) => id === chosen);
  const count = (id: string) => keys.filter((key) => key.project === id).length;
  return (
    <div className={classes.projects}>
      <Button size="xs" variant={chosen ? "default" : "light"} onClick={() => onChoose(undefined)}>
        All projects
      </Button>
      {projects.map(({ id, name }) => (
        <Button key={id} size="xs" variant={id === chosen ? "light" : "default"} onClick={() => onChoose(id)}>
          {name} · {count(id)}
        </Button>
      ))}
      {project && (
        <ProjectMenu
          project={project}
          keys={count(project.id)}
          onRename={() => setNaming(project)}
          onGone={() => onChoose(undefined)}
        />
      )}
      <Button size="xs" variant="subtle" onClick={() => setNaming("new")}>
        New project
      </Button>
      {naming && <NameProject project={naming === "new" ? null : naming} onClose={() => setNaming(null)} />}
    </div>
  );
}

function ProjectMenu(props: { project: Project; keys: number; onRename: () => void; onGone: () => void }) {
  const { project, keys } = props;
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={`Project ${project.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={props.onRename}>Rename</Menu.Item>
          <Menu.Item color="red" disabled={keys > 0} onClick={() => setAsking(true)}>
            {keys > 0 ? "Delete (only without keys)" : "Delete"}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking && (
        <Confirm
          title={`Delete ${project.name}?`}
          action="Delete"
          destroys
          failed="It was not deleted."
          run={() => deleteProject(project.id)}
          onDone={async () => {
            props.onGone();
            await Promise.all(
              [projectsQuery, keysQuery].map(({ queryKey }) => queries.invalidateQueries({ queryKey })),
            );
          }}
          onClose={() => setAsking(false)}
        >
          It has no keys. Records that name it stay.
        </Confirm>
      )}
    </>
  );
}

function NameProject({ project, onClose }: { project: Project | null; onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(project?.name ?? "");
  const save = useMutation({
    mutationFn: () => (project ? renameProject(project.id, name) : createProject(name)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: projectsQuery.queryKey });
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={project ? "Rename the project" : "New project"}>
      <Form onSubmit={() => save.mutate()}>
        <TextInput
          label="Name"
          description="Spend is summed by project: a team, an application, an environment."
          required
          data-autofocus
          {...typed(name, setName)}
          error={save.error?.message}
        />
        <Button type="submit" loading={save.isPending}>
          {project ? "Rename" : "Make the project"}
        </Button>
      </Form>
    </Modal>
  );
}
