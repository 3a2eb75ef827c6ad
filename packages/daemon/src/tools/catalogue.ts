// Every tool, in the order in which engines list them. spec: mcp-tools 1.1
import { DELETE_MEMORY, LIST_MEMORY, READ_MEMORY, SEARCH_MEMORY, WRITE_MEMORY } from './memory/memory-tools.ts';
import { DOWNLOAD_FILE, FETCH_CHANNEL_FILES } from './read/fetch-channel-files.ts';
import { GET_CHANNEL_HISTORY, GET_DM_HISTORY, GET_THREAD_HISTORY } from './read/get-channel-history.ts';
import { GET_POST, GET_POST_SEGMENT } from './read/get-post.ts';
import { GET_USER_INFO } from './read/get-user-info.ts';
import { LIST_CHANNEL_MEMBERS } from './read/list-channel-members.ts';
import {
  LIST_CHANNELS,
  LIST_CHANNELS_IN_ALL_SPACES,
  LIST_CHANNELS_IN_SPACE,
  LIST_SPACES,
} from './read/list-channels.ts';
import { SEARCH_MESSAGES } from './read/search-messages.ts';
import { WHOAMI } from './read/whoami.ts';
import { CANCEL_REMINDER, CREATE_REMINDER, LIST_REMINDERS } from './reminders/reminder-tools.ts';
import { LEAVE_CHANNEL, LEAVE_SPACE } from './self/leave.ts';
import { INSTALL_MCP_SERVER, LIST_MCP_SERVERS, UNINSTALL_MCP_SERVER } from './self/mcp-servers.ts';
import { REFRESH } from './self/refresh.ts';
import { RELOAD_SYSTEM_PROMPT } from './self/reload-system-prompt.ts';
import { INSTALL_SKILL, LIST_SKILLS, UNINSTALL_SKILL } from './self/skills.ts';
import { NO_REPLY } from './speak/no-reply.ts';
import { SEND_MESSAGE } from './speak/send-message.ts';
import { UPLOAD_FILE } from './speak/upload-file.ts';
import type { ToolDefinition } from './tool-definition.ts';

export const TOOLS: readonly ToolDefinition[] = [
  SEND_MESSAGE,
  UPLOAD_FILE,
  NO_REPLY,
  WHOAMI,
  LIST_CHANNELS,
  LIST_SPACES,
  LIST_CHANNELS_IN_SPACE,
  LIST_CHANNELS_IN_ALL_SPACES,
  LIST_CHANNEL_MEMBERS,
  GET_USER_INFO,
  GET_CHANNEL_HISTORY,
  GET_THREAD_HISTORY,
  GET_DM_HISTORY,
  GET_POST,
  GET_POST_SEGMENT,
  SEARCH_MESSAGES,
  FETCH_CHANNEL_FILES,
  DOWNLOAD_FILE,
  LIST_MEMORY,
  READ_MEMORY,
  WRITE_MEMORY,
  DELETE_MEMORY,
  SEARCH_MEMORY,
  CREATE_REMINDER,
  LIST_REMINDERS,
  CANCEL_REMINDER,
  RELOAD_SYSTEM_PROMPT,
  REFRESH,
  INSTALL_SKILL,
  UNINSTALL_SKILL,
  LIST_SKILLS,
  INSTALL_MCP_SERVER,
  UNINSTALL_MCP_SERVER,
  LIST_MCP_SERVERS,
  LEAVE_CHANNEL,
  LEAVE_SPACE,
];
