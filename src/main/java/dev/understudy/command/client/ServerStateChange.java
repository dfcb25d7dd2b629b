package dev.understudy.command.client;

import picocli.CommandLine.Parameters;

/** Sets a server's operator state. */
abstract class ServerStateChange extends PoolChange {
  @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
  private String pool;

  @Parameters(index = "1", paramLabel = "SERVER", description = "The server.")
  private String server;

  /**
   * Sends the state.
   *
   * @param state the API's word
   * @param force also takes out the only usable server of the pool
   */
  final int set(String state, boolean force) {
    JsonFields body = new JsonFields().text("state", state);
    if (force) {
      body.flag("force", true);
    }
    return change(
        "PUT",
        "/api/pools/"
            + ManagementApi.encoded(pool)
            + "/servers/"
            + ManagementApi.encoded(server)
            + "/state",
        body,
        server + " of " + pool + " is set to " + state);
  }
}
