package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Collections;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What servers are offered; what they agree to is in {@code AllowUpgradeTest}. */
class UpgradeOfferTest {
  @ParameterizedTest(name = "{0} lines of {1} protocols each: {2} are offered")
  @CsvSource({"1, 1, 1", "2, 8, 16", "1, 17, 16", "90, 50, 16"})
  void no_more_protocols_are_kept_than_any_client_offers(int lines, int each, int offered) {
    HttpHeaders headers = new DefaultHttpHeaders().set("connection", "upgrade");
    for (int i = 0; i < lines; i++) {
      headers.add("upgrade", "not-this, " + String.join(", ", Collections.nCopies(each, "tcp")));
    }
    assertThat(UpgradeOffer.of(HttpVersion.HTTP_1_1, headers, UpgradeProtocols.of("tcp")))
        .extracting(offer -> offer.protocols().size())
        .isEqualTo(offered);
  }
}
