// Reading the logs of a home; light to load, because commands start often.
export { type AgentLogRequest, followAgentLog, readAgentLog } from './read-agent-log.ts';
