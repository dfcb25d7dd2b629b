package dev.understudy.proxy.session;

/**
 * The reasons for which a request, stream or tunnel stays on its server although serving moves.
 *
 * @param preferred whether its route named the server ({@code PreferServer})
 * @param session whether its cookie named the server, so that it belongs to a session there
 */
public record Stickiness(boolean preferred, boolean session) {
  /** No reason to stay. */
  public static final Stickiness NONE = new Stickiness(false, false);
}
