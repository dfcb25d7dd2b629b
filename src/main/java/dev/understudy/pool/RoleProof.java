package dev.understudy.pool;

import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.ServerAddress.Protocol;
import java.util.Set;

/**
 * Whether a good probe proves that the server has the role, so that two servers with good probes
 * are two primaries, and the failback policy that follows from the check.
 *
 * <table>
 * <caption>Checks</caption>
 * <tr><th>check<th>proves the role<th>default of {@code failback.policy}
 * <tr><td>{@code postgresql}, {@code redis}, {@code mysql} with {@code role: primary}<td>yes<td>
 *     manual
 * <tr><td>{@code http} of TCP servers with a path of {@link #PATRONI}, for which 503 is bad<td>yes
 *     <td>manual
 * <tr><td>{@code tcp} with a step that expects {@code role:master}, as Redis says it<td>yes<td>
 *     manual
 * <tr><td>{@code postgresql}, {@code redis}, {@code mysql} otherwise<td>no<td>manual
 * <tr><td>any other<td>no<td>immediate
 * </table>
 */
public final class RoleProof {
  /**
   * The endpoints of Patroni's REST API that respond with 200 at one server alone, the one with the
   * leader's lock (Patroni 4.0, Patroni REST API). Its {@code /} is left out: other agents respond
   * there for every server that is well.
   */
  static final Set<String> PATRONI =
      Set.of("/primary", "/master", "/leader", "/read-write", "/standby-leader");

  private static final String REDIS_MASTER = "role:master";
  private static final int NOT_LEADER = 503;

  private RoleProof() {}

  /** Whether a good probe proves that the server has the role. */
  public static boolean isProvenBy(Check check, Protocol protocol) {
    return switch (check) {
      case PostgresqlCheck postgresql -> postgresql.role() == DatabaseRole.PRIMARY;
      case RedisCheck redis -> redis.role() == DatabaseRole.PRIMARY;
      case MysqlCheck mysql -> mysql.role() == DatabaseRole.PRIMARY;
      case HttpCheck http ->
          protocol == Protocol.TCP
              && isPatroni(http.path())
              && !http.expect().status().contains(NOT_LEADER);
      case TcpCheck tcp -> tcp.steps().stream().anyMatch(RoleProof::expectsMaster);
      case GrpcCheck never -> false;
      case ExtensionCheck never -> false;
      case AgentCheck never -> false;
    };
  }

  /** The failback policy of a pool that sets none. */
  public static Policy defaultFailback(Check check, Protocol protocol) {
    boolean database =
        check instanceof PostgresqlCheck
            || check instanceof RedisCheck
            || check instanceof MysqlCheck;
    return database || isProvenBy(check, protocol)
        ? Policy.MANUAL
        : FailbackSettings.DEFAULT.policy();
  }

  /** Whether a request target is an endpoint at which the leader alone responds with 200. */
  public static boolean isPatroni(String target) {
    return PATRONI.contains(target.split("\\?", 2)[0]);
  }

  /** Whether a Redis server that sends the expected text is a master. */
  public static boolean isOfMaster(String text) {
    return text.contains(REDIS_MASTER);
  }

  private static boolean expectsMaster(TcpStep step) {
    if (!(step instanceof TcpStep.Expect expect) || expect.not()) {
      return false;
    }
    Octets bytes = expect.bytes();
    Regex regex = expect.regex();
    return (bytes != null && isOfMaster(bytes.latin1()))
        || (regex != null && isOfMaster(regex.toString()));
  }
}
