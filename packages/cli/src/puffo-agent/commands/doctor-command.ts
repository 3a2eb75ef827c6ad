import { examine } from '../../doctor/examine.ts';
import type { Finding } from '../../doctor/finding.ts';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';

const MAX_CHARACTERS = 1000;

/** 0: all is well. 1: something is to be done. */
export async function run({ context, has, print }: AgentCall): Promise<ExitCode> {
  const findings = await examine(context);
  const isWell = findings.every(({ kind }) => kind === 'well');
  if (has('json')) print(formatJson({ ok: isWell, findings: findings.map(toJson) }));
  else for (const line of describe(findings)) print(line);
  return isWell ? 0 : 1;
}

function describe(findings: readonly Finding[]): readonly string[] {
  const lines = findings.flatMap((finding) => (finding.kind === 'well' ? [`ok  ${clean(finding.what)}`] : []));
  const problems = findings.flatMap((finding) => (finding.kind === 'problem' ? [finding] : []));
  if (problems.length === 0) return [...lines, 'All is well.'];
  return [
    ...lines,
    `To do, in this order:`,
    ...problems.flatMap(({ what, why, repair }, at) => [
      `${at + 1}.  ${clean(what)}`,
      `    why: ${clean(why)}`,
      `    do:  ${clean(repair)}`,
    ]),
  ];
}

function clean(text: string): string {
  return cleanName(text, MAX_CHARACTERS);
}

function toJson(finding: Finding) {
  if (finding.kind === 'well') return { ok: true, what: finding.what, why: null, repair: null };
  return { ok: false, what: finding.what, why: finding.why, repair: finding.repair };
}
