// Holds the documents to the repository: a path that a document names exists, and a link leads somewhere.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import { ARROWS } from './check-layers.mjs';
import { listFiles } from './repository.mjs';

/** The specification describes other programs and their files as well. */
const FOREIGN_FOLDER = 'docs/spec/';
const SOURCE_FILE_NAME = /^[\w.-]+\.(ts|tsx|mjs|cjs)$/;
const PERSONAL_PATH = /(?<![\w.~-])(\/(home|root|Users|Volumes|mnt)\/[\w.-]+|[A-Za-z]:\\[\w.\\-]+)/g;

/** Problems as sentences, none when the documents are right. */
export function checkDocs(root) {
  const files = listFiles(root);
  const documents = files.filter((path) => isDocument(path));
  return documents.flatMap((path) => checkDocument({ root, path, files }));
}

function isDocument(path) {
  if (!path.endsWith('.md') || path.startsWith(FOREIGN_FOLDER)) return false;
  return !path.includes('/') || path.startsWith('docs/') || /^packages\/[^/]+\/README\.md$/.test(path);
}

function checkDocument({ root, path, files }) {
  const text = readFileSync(join(root, path), 'utf8');
  const folder = dirname(path);
  return [
    ...checkLines(text, (line) => findPersonalPaths(line, root)),
    ...findUncompiledExamples(text, root),
    ...checkLines(withoutCodeBlocks(text), (line) => [
      ...findMissingPaths(line, { root, files, folder }),
      ...findDeadLinks(line, { root, folder }),
    ]),
  ].map((problem) => `${path}:${problem}`);
}

function checkLines(text, findProblems) {
  return text.split('\n').flatMap((line, index) => findProblems(line).map((problem) => `${index + 1}: ${problem}`));
}

/** Code blocks show commands and output, where a name is often an example. Line numbers stay right. */
function withoutCodeBlocks(text) {
  return text.replace(/^(```|~~~)[^]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''));
}

/** An example in TypeScript must be a piece of a compiled file, which the comment before it names. */
function findUncompiledExamples(text, root) {
  return [...text.matchAll(/(?:<!-- from (\S+) -->\n)?^```ts\n([^]*?)^```/gm)].flatMap((match) => {
    const [, source, example] = match;
    const line = text.slice(0, match.index).split('\n').length;
    if (source === undefined) return [`${line}: an example needs '<!-- from FILE -->' in front of it`];
    const path = join(root, source);
    if (!existsSync(path)) return [`${line}: '${source}' does not exist`];
    const isPiece = withoutIndentation(readFileSync(path, 'utf8')).includes(withoutIndentation(example));
    return isPiece ? [] : [`${line}: the example is not a piece of ${source}`];
  });
}

function withoutIndentation(code) {
  return code.replace(/^[ \t]+/gm, '');
}

function findPersonalPaths(line, root) {
  const paths = [...line.matchAll(PERSONAL_PATH)].map(([path]) => path);
  const checkout = root.replace(/\/$/, '');
  if (paths.length === 0 && line.includes(checkout)) paths.push(checkout);
  return paths.map((path) => `'${path}' is a path of one machine`);
}

function findMissingPaths(line, { root, files, folder }) {
  return [...line.matchAll(/`([^`]+)`/g)]
    .map((match) => match[1] ?? '')
    .filter((text) => isRepositoryPath(text, root) && !existsInRepository(text, { root, files, folder }))
    .map((text) => `'${text}' does not exist`);
}

/**
 * A text with a slash that starts in this repository or in a package, or the bare name of a source file. Placeholders,
 * what a build makes and the names of npm packages are something else.
 */
function isRepositoryPath(text, root) {
  if (/[\s<>*{}()|$…'"]|:\/\/|^[@~/]/.test(text) || /(^|\/)(node_modules|dist|dist-bench)(\/|$)/.test(text))
    return false;
  if (!text.includes('/')) return SOURCE_FILE_NAME.test(text);
  const first = text.replace(/^(\.\.?\/)+/, '').split('/')[0] ?? '';
  return text.startsWith('.') || first in ARROWS || existsSync(join(root, first));
}

function existsInRepository(text, { root, files, folder }) {
  const path = text.replace(/:\d+$/, '');
  if (!path.includes('/')) return files.some((file) => basename(file) === path);
  return ['', 'packages', folder].some((start) => existsSync(join(root, start, path)));
}

function findDeadLinks(line, { root, folder }) {
  return [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
    .map((match) => (match[1] ?? '').split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target) && !existsSync(join(root, folder, decodeURI(target))))
    .map((target) => `the link to '${target}' leads nowhere`);
}
