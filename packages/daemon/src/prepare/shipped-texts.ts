// What comes with this version and operators may edit in `docker/shared`. spec: daemon-and-cli 1.16, runtimes 8.2, 8.6
import { primerText, SKILLS, skillText } from '@puffo/agent';

export interface ShippedTexts {
  readonly primer: string;
  readonly readme: string;
  readonly skills: readonly ShippedSkill[];
}

export interface ShippedSkill {
  /** `send-message` */
  readonly name: string;
  readonly text: string;
}

export function shippedTexts(): ShippedTexts {
  return {
    primer: primerText({ tools: true, skills: true }),
    readme: README,
    skills: SKILLS.map((skill) => ({ name: skill.name, text: skillText(skill) })),
  };
}

const README = `# Shared texts

The daemon gives what is in this folder to every agent.

- \`CLAUDE.md\`: the primer. It tells each agent what Puffo is and how to behave there; the agent's own role follows it. Leave
  the first line as it is.
- \`skills/*.md\`: one help text per topic, put into the workspace of every agent. Files that you add are put there too.

You may edit any of them. A file that you changed is used as it is and never replaced; one that you left alone is brought up to
date with the program. To get the current text back, remove the file. Agents see changes when they start or reload.

\`.shipped.json\` holds digests of the texts that were put here. It is how the daemon knows what you changed.
`;
