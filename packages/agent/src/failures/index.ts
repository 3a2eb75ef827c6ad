// Failures in plain words; light to load, because people and scripts ask for the state of agents often.
export { causeText } from '../health/reduce-health.ts';
export { FAILURE_CLASSES, type FailureClass } from '../retry/judge-failure.ts';
