package dev.understudy.proxy.session;

/**
 * What holds a request, stream or tunnel on its server although serving moves.
 *
 * @param preferred whether its route chose the server ({@code PreferServer})
 * @param session whether it belongs to a session of that server: the cookie that it came with names
 *     that server
 */
public record Stickiness(boolean preferred, boolean session) {
  /** Nothing holds it. */
  public static final Stickiness NONE = new Stickiness(false, false);
}
