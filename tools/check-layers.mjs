// Holds the packages to the arrows of docs/architecture.md: in package.json, in tsconfig references and in imports.
// The compiler does not: it follows an import of a workspace package that nobody declared.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { listImports } from './list-imports.mjs';
import { listFiles, listPackages, readJson } from './repository.mjs';

const SCOPE = '@puffo/';

/** Package → the packages it may import. A package names only packages above it. */
export const ARROWS = {
  base: [],
  protocol: ['base'],
  sql: ['base'],
  host: ['base'],
  agent: ['base', 'protocol'],
  client: ['base', 'protocol', 'sql'],
  engine: ['base', 'host'],
  server: ['base', 'protocol', 'sql'],
  daemon: ['base', 'protocol', 'agent', 'client', 'engine', 'host', 'sql'],
  cli: ['base', 'protocol', 'client', 'host', 'sql', 'daemon', 'server'],
  web: ['base', 'protocol', 'client'],
  testbed: ['base', 'protocol', 'agent', 'client', 'engine', 'host', 'sql', 'server', 'daemon'],
};

/** Boots everything for tests. Any package may use it, as a development dependency only. */
const TEST_ONLY_PACKAGE = 'testbed';

/** Problems as sentences, none when the tree is right. */
export function checkLayers(root) {
  const packages = listPackages(root).map((name) => readPackage(root, name));
  return [
    ...checkSolution(
      root,
      'tsconfig.json',
      packages.map(({ folder }) => folder),
    ),
    ...packages.flatMap((each) => [
      ...checkManifest(each),
      ...checkProjects(root, each),
      ...checkImports(root, each, packages),
    ]),
  ];
}

function readPackage(root, name) {
  const folder = `packages/${name}`;
  const manifest = readJson(root, `${folder}/package.json`);
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest;
  return {
    name,
    folder,
    manifest,
    runtimeDependencies: workspaceNames({ ...dependencies, ...peerDependencies, ...optionalDependencies }),
    testDependencies: workspaceNames(devDependencies ?? {}),
    subpaths: Object.keys(manifest.exports ?? {}),
  };
}

function workspaceNames(dependencies) {
  return Object.keys(dependencies)
    .filter((name) => name.startsWith(SCOPE))
    .map((name) => name.slice(SCOPE.length));
}

function checkManifest({ name, folder, manifest, runtimeDependencies, testDependencies }) {
  const file = `${folder}/package.json`;
  const allowed = ARROWS[name];
  if (allowed === undefined) return [`${folder}: package '${name}' is not in the table of tools/check-layers.mjs`];
  const problems = manifest.name === SCOPE + name ? [] : [`${file}: name is '${manifest.name}', not '${SCOPE}${name}'`];
  const forbidden = [
    ...runtimeDependencies.filter((other) => !allowed.includes(other)),
    ...testDependencies.filter((other) => !allowed.includes(other) && other !== TEST_ONLY_PACKAGE),
  ];
  return [...problems, ...forbidden.map((other) => `${file}: '${name}' must not depend on '${other}'`)];
}

// References

function checkProjects(root, each) {
  const projects = listFiles(root, each.folder).filter((path) => isProject(each.folder, path));
  return [
    ...checkSolution(root, `${each.folder}/tsconfig.json`, projects),
    ...projects.flatMap((project) => checkReferences(root, project, each)),
  ];
}

function isProject(folder, path) {
  return dirname(path) === folder && /\/tsconfig\.\w+\.json$/.test(path);
}

/** A solution is a tsconfig without files that names all projects: what it forgets is never compiled. */
function checkSolution(root, solution, members) {
  if (!existsSync(join(root, solution))) return [`${solution}: missing`];
  const references = listReferences(root, solution);
  return members
    .filter((member) => !references.includes(member))
    .map((member) => `${solution}: '${member}' is missing in references`);
}

function checkReferences(root, project, { name, folder, runtimeDependencies, testDependencies }) {
  const isTestProject = /\.(test|bench)\.json$/.test(project);
  const expected = new Set([...runtimeDependencies, ...(isTestProject ? testDependencies : [])]);
  const found = new Set(
    listReferences(root, project)
      .filter((path) => dirname(path) !== folder)
      .map((path) => /^packages\/([^/]+)/.exec(path)?.[1] ?? path),
  );
  return [
    ...[...expected]
      .filter((other) => !found.has(other))
      .map((other) => `${project}: '${name}' depends on '${other}' and does not reference it`),
    ...[...found]
      .filter((other) => !expected.has(other))
      .map((other) => `${project}: references '${other}', on which '${name}' does not depend`),
  ];
}

function listReferences(root, project) {
  const references = readJson(root, project).references ?? [];
  return references.map(({ path }) => join(dirname(project), path).replace(/\/$/, ''));
}

// Imports

function checkImports(root, each, packages) {
  const sources = listFiles(root, each.folder).filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  return sources.flatMap((path) =>
    listImports(readFileSync(join(root, path), 'utf8')).flatMap(({ specifier, line }) => {
      const problem = findImportProblem(specifier, { path, each, packages });
      return problem === undefined ? [] : [`${path}:${line}: ${problem}`];
    }),
  );
}

function findImportProblem(specifier, { path, each, packages }) {
  if (specifier.startsWith('.')) {
    const target = join(dirname(path), specifier);
    return target.startsWith(`${each.folder}/`) ? undefined : `'${specifier}' leaves the package`;
  }
  if (!specifier.startsWith(SCOPE)) return undefined;
  const [name = '', ...rest] = specifier.slice(SCOPE.length).split('/');
  return findUndeclared(name, path, each) ?? findDeepPath(name, rest, packages);
}

function findUndeclared(name, path, each) {
  const isTest = isTestFile(path, each.folder);
  if (name === each.name) return isTest ? undefined : `'${SCOPE}${name}' imports itself by name`;
  const declared = [...each.runtimeDependencies, ...(isTest ? each.testDependencies : [])];
  return declared.includes(name) ? undefined : `'${SCOPE}${name}' is not declared in ${each.folder}/package.json`;
}

function isTestFile(path, folder) {
  return /\.test\.[cm]?[jt]sx?$/.test(path) || /^(test|bench)\//.test(path.slice(folder.length + 1));
}

function findDeepPath(name, rest, packages) {
  const subpath = ['.', ...rest].join('/');
  const target = packages.find((each) => each.name === name);
  return target === undefined || target.subpaths.includes(subpath)
    ? undefined
    : `'${SCOPE}${name}' does not export '${subpath}'`;
}
