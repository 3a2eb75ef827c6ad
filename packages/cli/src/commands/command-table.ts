// Every command, in the order in which help lists them.
import type { CommandDefinition } from '../command.ts';
import { AGENT_COMMANDS } from './agent-commands.ts';
import { CHANNEL_COMMANDS } from './channel-commands.ts';
import { chatCommand } from './chat-command.ts';
import { completionCommand } from './completion-command.ts';
import { DEVICE_COMMANDS } from './device-commands.ts';
import { downloadCommand } from './download-command.ts';
import { IDENTITY_COMMANDS } from './identity-commands.ts';
import { INVITES_COMMANDS } from './invites-commands.ts';
import { loginCommand } from './login-command.ts';
import { PROFILE_COMMANDS } from './profile-commands.ts';
import { readCommand } from './read-command.ts';
import { sendCommand } from './send-command.ts';
import { signupCommand } from './signup-command.ts';
import { SPACE_COMMANDS } from './space-commands.ts';
import { statusCommand } from './status-command.ts';
import { tailCommand } from './tail-command.ts';
import { whoamiCommand } from './whoami-command.ts';

const COMMANDS_TO_COMPLETE: readonly CommandDefinition[] = [
  signupCommand,
  loginCommand,
  whoamiCommand,
  ...SPACE_COMMANDS,
  ...CHANNEL_COMMANDS,
  ...INVITES_COMMANDS,
  sendCommand,
  readCommand,
  tailCommand,
  chatCommand,
  downloadCommand,
  ...PROFILE_COMMANDS,
  ...AGENT_COMMANDS,
  statusCommand,
  ...IDENTITY_COMMANDS,
  ...DEVICE_COMMANDS,
];

export const COMMANDS: readonly CommandDefinition[] = [
  ...COMMANDS_TO_COMPLETE,
  completionCommand(COMMANDS_TO_COMPLETE),
];
