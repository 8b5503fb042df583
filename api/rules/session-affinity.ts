// The cookies that keep a client where it is.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

export function* cookiesDiffer({ spec }: Canary): Iterable<Finding> {
  const { cookieName, primaryCookieName } = spec.analysis?.sessionAffinity ?? {};
  if (primaryCookieName !== undefined && primaryCookieName === cookieName) {
    const message = "write another name than cookieName, the canary's";
    yield { path: 'spec.analysis.sessionAffinity.primaryCookieName', message };
  }
}

export function* browsersKeepTheCookie({ spec }: Canary): Iterable<Finding> {
  const { secure, sameSite, partitioned } = spec.analysis?.sessionAffinity ?? {};
  if (secure !== true && (sameSite === 'None' || partitioned === true)) {
    const message = 'write true, as browsers drop a cookie with SameSite=None or Partitioned that is not Secure';
    yield { path: 'spec.analysis.sessionAffinity.secure', message };
  }
}
