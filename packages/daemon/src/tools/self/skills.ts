// Skills that an agent writes for itself. What it did not make, it does not touch. spec: mcp-tools 7.3
import { cleanLine } from '@puffo/agent';
import { createGuardedFolder, type GuardedFolder } from '../../prepare/guarded-folder.ts';
import { AGENT_MARKER, HOST_MARKER, isMarked, MANAGED_MARKER } from '../../prepare/skill-markers.ts';
import { requiredText } from '../fields.ts';
import { fitItems } from '../fit-text.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const MAX_BYTES = 64 * 1024;
const MAX_SKILLS = 200;
const MAX_DESCRIPTION = 200;
const MARKER_TEXT = 'The agent made this skill with install_skill, and may change or remove it.\n';
const FRONT_MATTER = /^---\r?\n[\s\S]*?\r?\n---\r?\n/;

/** As written: white space around a name is no name of a folder. */
const NAME_FIELD = requiredText({ description: 'a-z, 0-9 and -, at most 64', isBody: true });

export const INSTALL_SKILL = defineTool({
  name: 'install_skill',
  kind: 'self',
  description: 'Write a skill (SKILL.md) for yourself. Your engine finds it from your next turn on.',
  isAvailable: hasSkills,
  input: { name: NAME_FIELD, content: requiredText({ description: 'Markdown, at most 64 KiB', isBody: true }) },
  async run({ name, content }, { parts, signal }) {
    checkName(name);
    const text = content.toWellFormed();
    if (text.trim() === '') throw new ToolError('invalid_argument', 'Cannot install this skill: `content` is empty');
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw new ToolError(
        'too_large',
        `Cannot install this skill: it has more than ${MAX_BYTES / 1024} KiB; make it shorter`,
      );
    }
    const { folder, place } = placeOf(parts);
    const skill = `${place}/${name}`;
    if (folder.find(skill) !== undefined && !isMarked(folder, skill, AGENT_MARKER)) {
      const problem = 'a skill of this name is there, and it is not yours; choose another name';
      throw new ToolError('conflict', `Cannot install '${name}': ${problem}`);
    }
    signal.throwIfAborted();
    await folder.write(`${skill}/${AGENT_MARKER}`, MARKER_TEXT);
    await folder.write(`${skill}/SKILL.md`, withFrontMatter(name, text));
    parts.requests.request({ restart: true });
    return { text: `installed ${name} in ${skill}; your engine restarts before your next turn and finds it then` };
  },
});

export const UNINSTALL_SKILL = defineTool({
  name: 'uninstall_skill',
  kind: 'self',
  description: 'Remove a skill that you installed.',
  isDestructive: true,
  isAvailable: hasSkills,
  input: { name: NAME_FIELD },
  async run({ name }, { parts, signal }) {
    checkName(name);
    const { folder, place } = placeOf(parts);
    const skill = `${place}/${name}`;
    if (folder.find(skill) === undefined) {
      throw new ToolError('not_found', `Cannot uninstall '${name}': there is no such skill; see list_skills`);
    }
    if (!isMarked(folder, skill, AGENT_MARKER)) {
      throw new ToolError('forbidden', `Cannot uninstall '${name}': you did not install it; ask your operator`);
    }
    signal.throwIfAborted();
    await folder.remove(skill);
    parts.requests.request({ restart: true });
    return { text: `uninstalled ${name}; your engine restarts before your next turn` };
  },
});

export const LIST_SKILLS = defineTool({
  name: 'list_skills',
  kind: 'read',
  description: 'The skills of your workspace, and whose they are.',
  isAvailable: hasSkills,
  input: {},
  async run(_input, { parts }) {
    const { folder, place } = placeOf(parts);
    const entries = (await folder.list(place)).filter((entry) => entry.isDirectory()).slice(0, MAX_SKILLS);
    const lines: string[] = [];
    for (const { name } of entries) {
      const skill = `${place}/${name}`;
      if (folder.find(`${skill}/SKILL.md`)?.isFile() !== true) continue;
      const description = await describe(folder, skill);
      lines.push(`[${scopeOf(folder, skill)}] ${cleanLine(name, 100)}${description === '' ? '' : `: ${description}`}`);
    }
    if (lines.length === 0) return { text: '(no skills installed)' };
    const head = `${lines.length} ${lines.length === 1 ? 'skill' : 'skills'}`;
    return { text: [head, ...fitItems({ head: [head], items: lines.toSorted(), tail: [] }).shown].join('\n') };
  },
});

function hasSkills({ features }: ToolParts): boolean {
  return features.skillsFolder !== undefined;
}

function placeOf({ workspaceDir, features }: ToolParts): { readonly folder: GuardedFolder; readonly place: string } {
  if (features.skillsFolder === undefined) {
    throw new ToolError('unsupported', 'Cannot use skills: this engine has none');
  }
  return { folder: createGuardedFolder(workspaceDir), place: features.skillsFolder };
}

function checkName(name: string): void {
  if (NAME.test(name) && !name.includes('\n')) return;
  const problem = 'a name has 1 to 64 of a-z, 0-9 and -, and begins with a letter or digit';
  throw new ToolError('invalid_argument', `Cannot use the name '${cleanLine(name, 80)}': ${problem}`);
}

/** Without it, engines would show only its name. */
function withFrontMatter(name: string, text: string): string {
  if (FRONT_MATTER.test(text)) return text;
  const sentence = cleanLine(text.replaceAll(/^#+\s*/gm, ''), MAX_DESCRIPTION).split('. ')[0] ?? name;
  return `---\nname: ${name}\ndescription: ${JSON.stringify(sentence)}\n---\n\n${text}`;
}

function scopeOf(folder: GuardedFolder, skill: string): string {
  if (isMarked(folder, skill, AGENT_MARKER)) return 'agent';
  if (isMarked(folder, skill, MANAGED_MARKER)) return 'shipped';
  return isMarked(folder, skill, HOST_MARKER) ? 'operator' : 'workspace';
}

async function describe(folder: GuardedFolder, skill: string): Promise<string> {
  const file = await folder.read(`${skill}/SKILL.md`, { maxBytes: 4096 });
  const text = file === undefined ? '' : new TextDecoder().decode(file.bytes);
  const line = /^description:\s*(.+)$/m.exec(text)?.[1] ?? '';
  return cleanLine(line.replaceAll(/^"|"$/g, ''), MAX_DESCRIPTION);
}
