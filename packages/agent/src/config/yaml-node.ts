// YAML as the readers of configuration want it: every scalar with its source text, because 0.7.2 reads by the rules of
// YAML 1.1 and a field that is text takes what was written. spec: daemon-and-cli 1.22

export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly text: string;
  /** Written without quotation marks: only then it may mean something else than text. */
  readonly isPlain: boolean;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

export interface YamlMap {
  readonly kind: 'map';
  readonly members: ReadonlyMap<string, YamlNode>;
}

export function findMember(node: YamlNode | undefined, name: string): YamlNode | undefined {
  return node?.kind === 'map' ? node.members.get(name) : undefined;
}
