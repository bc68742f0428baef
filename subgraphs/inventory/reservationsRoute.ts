import { CodedError } from '../../platform/errors.js';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { sendCodedError, sendJson } from '../../platform/http/sendJson.js';
import { sameSecret } from '../../platform/sameSecret.js';
import type { Clock } from '../shared/clock.js';
import { isTooFar, type ReservationRequest, reservationRequest } from './reservationLines.js';
import type { Reservations } from './reservations.js';

/** Where order workers reserve stock. Beside the graph and not in it: no client, and no gateway, can come here. */
export const RESERVATIONS_PATH = '/internal/reservations';

const MAX_BODY_BYTES = 64 * 1024;

export interface ReservationsRouteOptions {
  readonly reservations: Reservations;
  /** Order workers send it as `Bearer`. */
  readonly workerToken: string;
  readonly clock: Clock;
}

/** `POST` with one action for all lines of one order; answers with the result of each line, in their order. */
export function createReservationsRoute(options: ReservationsRouteOptions): RequestHandler {
  const { reservations, workerToken, clock } = options;
  const expected = `Bearer ${workerToken}`;

  function carryOut(
    request: ReservationRequest,
    { productId, quantity }: ReservationRequest['lines'][number],
  ): Promise<string> {
    const { reservationId } = request;
    switch (request.action) {
      case 'reserve': {
        const expiresAt = new Date(request.expiresAt);
        return reservations.reserve({ productId, reservationId, quantity, expiresAt });
      }
      case 'commit':
        return reservations.commit(productId, reservationId);
      case 'release':
        return reservations.takeBack(productId, reservationId, quantity);
    }
  }

  return async (request, response) => {
    if (!sameSecret(request.headers.authorization ?? '', expected)) {
      return sendJson(response, 401, { errors: [{ message: 'This is for order workers.' }] });
    }
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return sendJson(response, 405, { errors: [{ message: 'expected POST' }] });
    }
    const asked = parse(await readBody(request, MAX_BODY_BYTES));
    if (asked === undefined || isTooFar(asked, clock())) {
      return sendCodedError(response, new CodedError('BAD_REQUEST', 'This is no request for reservations.'));
    }
    sendJson(response, 200, { results: await Promise.all(asked.lines.map((line) => carryOut(asked, line))) });
  };
}

function parse(body: Buffer): ReservationRequest | undefined {
  try {
    return reservationRequest.parse(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}
