// Everything about spaces and channels, made together.
import type { Audience } from './audience.ts';
import { type Channels, createChannels } from './channels.ts';
import { createAudience } from './create-audience.ts';
import { createPlaces, type Places } from './create-places.ts';
import { createInvites, type Invites } from './invites.ts';
import type { EventParts } from './post-events.ts';
import { createSpaces, type Spaces } from './spaces.ts';

export interface SpaceServices {
  readonly spaces: Spaces;
  readonly channels: Channels;
  readonly invites: Invites;
  readonly places: Places;
  readonly audience: Audience;
}

export function createSpaceServices(parts: EventParts): SpaceServices {
  const { http, session, context } = parts;
  const spaces = createSpaces(parts);
  const channels = createChannels(parts);
  return {
    spaces,
    channels,
    invites: createInvites(parts),
    places: createPlaces({ spaces, channels, context }),
    audience: createAudience({ http, slug: session.slug, context }),
  };
}
