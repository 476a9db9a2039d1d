/** The visitor's access to the Hugging Face Hub: a token that was pasted, or one from signing in. Gone with the tab. */
import { HUB } from '../config/model-name.ts';

const KEY = 'hub-token';
/** What a sign-in is asked for: who it is, reading gated and private repositories, pushing to the visitor's own. */
const SCOPES = 'openid profile read-repos gated-repos write-repos manage-repos';

declare global {
  interface Window {
    /** Set by a static Space with `hf_oauth: true`. */
    huggingface?: { variables?: { OAUTH_CLIENT_ID?: string } };
  }
}

/** The token to send to the Hub, if there is one. Never part of a configuration, a link or an export. */
export function hubToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** @param token  an access token; '' forgets it */
export function setHubToken(token: string): void {
  if (token.trim()) sessionStorage.setItem(KEY, token.trim());
  else sessionStorage.removeItem(KEY);
}

/** Whether this site is known to the Hub, so that a visitor can sign in instead of pasting a token. */
export function canSignIn(): boolean {
  return clientId() !== undefined;
}

/** Leaves the page for the Hub's sign-in, which comes back to it. */
export async function signIn(): Promise<void> {
  const { oauthLoginUrl } = await import('@huggingface/hub');
  // The settings in the hash come back with the visitor.
  location.href = await oauthLoginUrl({
    clientId: clientId(),
    scopes: SCOPES,
    hubUrl: HUB,
    state: location.hash,
  });
}

/** Takes the token when the page was opened by the way back from a sign-in. @returns the visitor's name */
export async function finishSignIn(): Promise<string | null> {
  if (!new URLSearchParams(location.search).has('code')) return null;
  const { oauthHandleRedirectIfPresent } = await import('@huggingface/hub');
  const result = await oauthHandleRedirectIfPresent({ hubUrl: HUB });
  if (!result) return null;
  setHubToken(result.accessToken);
  if (result.state?.startsWith('#')) location.hash = result.state;
  return result.userInfo.preferred_username ?? result.userInfo.name;
}

function clientId(): string | undefined {
  return window.huggingface?.variables?.OAUTH_CLIENT_ID;
}
