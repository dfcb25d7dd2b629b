package dev.understudy.proxy.route;

/** The route table in force; each request reads it once. Thread-safe. */
public final class CurrentRouteTable {
  private volatile RouteTable table = RouteTable.GATEWAY_ONLY;

  public RouteTable current() {
    return table;
  }

  /** Replaces the table. */
  public void use(RouteTable next) {
    table = next;
  }
}
