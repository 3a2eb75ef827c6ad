// Holds the tables of commands and settings in the documents to the program: they stand between two comments, and what is
// between them is made from the compiled tables of `packages/cli` and `packages/agent`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderCommandDetails, renderCommandList } from './reference/render-commands.mjs';
import { listFiles } from './repository.mjs';
import { ToolError } from './run-tool.mjs';

const DOCUMENTS = ['README.md', 'docs/configuration.md', 'docs/puffo-agent.md'];
const SECTION = /^(<!-- begin ([\w.-]+)[^\n]*-->)\n[^]*?^<!-- end \2 -->$/gm;
const AGENT_MODULE = 'packages/agent/dist/reference/index.js';
const COMMAND_MODULE = 'packages/cli/dist/src/puffo-agent/agent-command-table.js';
const HELP_MODULE = 'packages/cli/dist/src/puffo-agent/help-text.js';

/** Where `puffo-agent` reads its environment. Variables of `puffo-cli` alone are in docs/puffo-cli.md. */
const VARIABLE_SOURCES =
  /^packages\/(agent|daemon|engine|host|client\/src\/node|cli\/src\/(?:puffo-agent|quickstart|doctor))\/(?!bench\/).*(?<!\.test)\.ts$/;
const VARIABLE_USES = [
  /\b(?:env|environment)\['([A-Z][A-Z0-9_]*)'\]/g,
  /\b[A-Z_]*VARIABLE = '([A-Z][A-Z0-9_]*)'/g,
  /\bvariable: '([A-Z][A-Z0-9_]*)'/g,
  /\bread(?:Proxy|Variable)\(environment, '([A-Z][A-Z0-9_]*)'\)/g,
];

/** Problems as sentences, none when the documents agree with the program. */
export async function checkReference(root) {
  const { sections, variables } = await loadReference(root);
  const outdated = DOCUMENTS.filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return fillSections(text, sections) !== text;
  }).map((path) => `${path}: its tables are out of date; run node tools/reference.mjs --write`);
  const missing = findVariables(root)
    .filter((name) => !variables.includes(name))
    .map((name) => `settings-reference-environment.ts: '${name}' is read and not listed`);
  return [...outdated, ...missing, ...findLostSections(root, sections)];
}

/** The documents as they should be, by path; only those that change. */
export async function renderDocuments(root) {
  const { sections } = await loadReference(root);
  return DOCUMENTS.flatMap((path) => {
    const before = readFileSync(join(root, path), 'utf8');
    const after = fillSections(before, sections);
    return after === before ? [] : [{ path, text: after }];
  });
}

/**
 * Puts the lines of each section between its comments.
 * @param {string} text
 * @param {Readonly<Record<string, readonly string[]>>} sections
 */
export function fillSections(text, sections) {
  return text.replace(SECTION, (_section, begin, name) => {
    const lines = sections[name];
    if (lines === undefined) throw new ToolError(`Cannot fill section '${name}': nothing makes it`);
    return `${begin}\n\n${lines.join('\n')}\n\n<!-- end ${name} -->`;
  });
}

/** Names of the variables that the sources ask for. */
export function findVariables(root) {
  const names = listFiles(root, 'packages')
    .filter((path) => VARIABLE_SOURCES.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return VARIABLE_USES.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
    });
  /** @type {string[]} */
  const found = [...new Set(names)];
  return found.toSorted();
}

/** A table that no document shows any more says nothing to anybody. */
function findLostSections(root, sections) {
  const shown = DOCUMENTS.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(SECTION)].map((match) => match[2]),
  );
  return Object.keys(sections)
    .filter((name) => !shown.includes(name))
    .map((name) => `no document has the section '${name}'`);
}

async function loadReference(root) {
  const settings = await load(root, AGENT_MODULE);
  const { AGENT_COMMANDS } = await load(root, COMMAND_MODULE);
  const { usageText } = await load(root, HELP_MODULE);
  return {
    sections: {
      'command-list': renderCommandList(AGENT_COMMANDS),
      'command-details': renderCommandDetails(AGENT_COMMANDS, usageText),
      'daemon.yml': settings.daemonReference(),
      'agent.yml': settings.agentReference(),
      environment: settings.environmentReference(),
    },
    variables: settings.ENVIRONMENT_VARIABLES.map(({ name }) => name),
  };
}

/** Not a static import: a fresh clone has no build yet, and this file is loaded before there is one. */
async function load(root, path) {
  const file = join(root, path);
  if (!existsSync(file)) throw new ToolError(`Cannot read ${path}: it is not built yet, run npm run build`);
  return import(pathToFileURL(file).href);
}
