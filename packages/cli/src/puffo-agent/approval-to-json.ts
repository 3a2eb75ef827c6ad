import type { ListedApproval } from '@puffo/daemon/approvals';
import type { JsonObject } from '@puffo/base';

export function approvalToJson({ agentId, approvalId, state, ...approval }: ListedApproval): JsonObject {
  const { toolName, input, description, operatorSlug, askedAt, closesAt } = approval;
  return {
    id: approvalId,
    agent_id: agentId,
    state,
    tool: toolName,
    arguments: input,
    description,
    operator_slug: operatorSlug,
    asked_at: askedAt,
    closes_at: closesAt ?? null,
  };
}
