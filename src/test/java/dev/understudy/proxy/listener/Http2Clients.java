package dev.understudy.proxy.listener;

import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.testing.Http2FrameClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A frontend and clients that speak HTTP/2 to it. */
abstract class Http2Clients {
  FrontendRig rig;
  private final List<Http2FrameClient> clients = new ArrayList<>();

  @AfterEach
  void close() {
    clients.forEach(Http2FrameClient::close);
    rig.close();
  }

  Http2FrameClient start(FrontendLimits limits) {
    rig = new FrontendRig(Entrance.ALPN, limits);
    return client();
  }

  Http2FrameClient client() {
    Http2FrameClient client = new Http2FrameClient(rig.port());
    clients.add(client);
    return client;
  }
}
