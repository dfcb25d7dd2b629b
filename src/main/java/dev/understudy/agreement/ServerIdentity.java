package dev.understudy.agreement;

import dev.understudy.file.Sha256;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import java.nio.charset.StandardCharsets;

/**
 * Identity of a server among all replicas: its name, and a hash of its address, so that the
 * register holds no addresses. Written {@code sen2@1f0c5d7a90be}.
 *
 * @param address the first 48 bits of the URL's SHA-256, in hexadecimal
 */
public record ServerIdentity(ServerId id, String address) {
  private static final int DIGITS = 12;

  /** The identity of {@code server}. */
  public static ServerIdentity of(Server server) {
    return of(server.id(), server.address());
  }

  /** The identity of what has that name and address. */
  static ServerIdentity of(ServerId id, ServerAddress address) {
    byte[] digest = Sha256.of(address.toString().getBytes(StandardCharsets.UTF_8));
    return new ServerIdentity(id, Sha256.hex(digest, DIGITS));
  }

  /** Whether the pool has a server of this name and address. */
  public boolean isIn(Pool pool) {
    Server server = pool.server(id);
    return server != null && equals(of(server));
  }

  /**
   * Parses the written form.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  public static ServerIdentity parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("expected NAME@HASH, found " + text);
    }
    return new ServerIdentity(new ServerId(text.substring(0, at)), text.substring(at + 1));
  }

  @Override
  public String toString() {
    return id + "@" + address;
  }
}
