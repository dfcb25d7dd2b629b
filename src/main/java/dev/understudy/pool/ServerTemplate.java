package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Servers that come and go with the records of one DNS name (HAProxy {@code server-template}), or
 * with the endpoints of one Service of a Kubernetes cluster.
 *
 * <p>A server's id follows from its address alone, {@code app-10-0-3-7}: all replicas know it by
 * the same name, whatever the order in which each saw the records come and go.
 *
 * @param id the first part of the servers' ids
 * @param address the name, and the port unless its records give it
 * @param records the records of the name that count
 * @param count the most servers at once
 * @param hold time for which a server stays after its record has gone; nothing for endpoints, of
 *     which all are known
 * @param port the Pods' port, by name or number; empty for the only one, and for DNS
 * @param roleLabel the label that the Pod of the server with the role should have; null if labels
 *     do not count
 * @param pods which of the endpoints count
 * @param share of a balance pool's requests that all of its servers together get, relative to those
 *     of the other templates, at most {@value #MAX_SHARE}; 0 if each server has its own weight
 */
public record ServerTemplate(
    ServerId id,
    ServerAddress address,
    Records records,
    int count,
    @Inline ServerSettings settings,
    Duration hold,
    String port,
    @Nullable RoleLabel roleLabel,
    PodNames pods,
    int share) {
  /** What a name has. */
  public enum Records {
    /** A, or AAAA if there are none. */
    ADDRESSES,
    /** SRV, which give hosts and ports (RFC 2782). */
    SERVICES,
    /** EndpointSlices of a Service, {@code name.namespace}, which give addresses and ports. */
    ENDPOINTS
  }

  /** The longest id, so that an address fits behind it. */
  public static final int MAX_ID = 24;

  public static final int MAX_SHARE = 1_000_000;

  private static final int DIGITS = 10;

  /** Servers that come and go with records of DNS. */
  public ServerTemplate(
      ServerId id,
      ServerAddress address,
      Records records,
      int count,
      ServerSettings settings,
      Duration hold) {
    this(id, address, records, count, settings, hold, "", null);
  }

  /** Servers of any Pods, that have weights of their own. */
  public ServerTemplate(
      ServerId id,
      ServerAddress address,
      Records records,
      int count,
      ServerSettings settings,
      Duration hold,
      String port,
      @Nullable RoleLabel roleLabel) {
    this(id, address, records, count, settings, hold, port, roleLabel, PodNames.ALL, 0);
  }

  public ServerTemplate {
    if (id.value().length() > MAX_ID) {
      throw new IllegalArgumentException("expected an id of at most 24 characters, found " + id);
    }
    if (count < 1) {
      throw new IllegalArgumentException("expected at least one server, found " + count);
    }
    if (share < 0 || share > MAX_SHARE) {
      throw new IllegalArgumentException("expected a share from 0 to 1000000, found " + share);
    }
    RangeChecks.requireNotNegative(hold, "hold");
  }

  /** The server at one of the name's addresses, an IP literal in its one canonical form. */
  public Server at(String literal) {
    return server(ofAddress(literal), address, literal);
  }

  /** The server at an endpoint, whose address is a literal in the same form. */
  public Server endpoint(String literal, int endpoint, @Nullable String zone) {
    ServerAddress to =
        new ServerAddress(address.protocol(), address.tls(), address.host(), endpoint);
    return new Server(ofAddress(literal), to, literal, settings.inZone(zone));
  }

  private ServerId ofAddress(String literal) {
    return named(literal.indexOf(':') < 0 ? literal.replace('.', '-') : digest(literal));
  }

  /** The server that one of the name's SRV records leads to. */
  public Server at(String host, int port) {
    ServerAddress to = new ServerAddress(address.protocol(), address.tls(), host, port);
    return server(named(digest(host + ":" + port)), to, null);
  }

  /** A server of these that is there already, with these settings. */
  public Server again(Server known) {
    return new Server(
        known.id(),
        known.address(),
        known.resolved(),
        records == Records.ENDPOINTS ? settings.inZone(known.settings().zone()) : settings);
  }

  /** The same of other Pods. */
  public ServerTemplate of(PodNames others) {
    return new ServerTemplate(
        id, address, records, count, settings, hold, port, roleLabel, others, share);
  }

  /** Whether another template is of the same name, perhaps of other records that it has. */
  public boolean hasNameOf(ServerTemplate other) {
    return id.equals(other.id)
        && address.host().equals(other.address.host())
        && records == other.records;
  }

  /** Whether another template has the same records. */
  public boolean hasRecordsOf(ServerTemplate other) {
    return hasNameOf(other)
        && address.equals(other.address)
        && port.equals(other.port)
        && Objects.equals(roleLabel, other.roleLabel);
  }

  private Server server(ServerId server, ServerAddress at, @Nullable String literal) {
    return new Server(server, at, literal, settings);
  }

  /** Whether a server of that id can be one of these. */
  public boolean names(ServerId server) {
    return server.value().startsWith(id.value() + "-");
  }

  private ServerId named(String part) {
    return new ServerId(id.value() + "-" + part);
  }

  /** 40 bits of a hash; no secret depends on it. */
  private static String digest(String text) {
    String hex = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    return hex.replace("-", "").substring(0, DIGITS);
  }
}
