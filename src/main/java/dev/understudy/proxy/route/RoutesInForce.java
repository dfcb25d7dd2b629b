package dev.understudy.proxy.route;

/** The table that requests are looked up in now; each reads it once. Any thread. */
public final class RoutesInForce {
  private volatile RouteTable table = RouteTable.GATEWAY_ONLY;

  public RouteTable current() {
    return table;
  }

  /** From now on. */
  public void use(RouteTable next) {
    table = next;
  }
}
