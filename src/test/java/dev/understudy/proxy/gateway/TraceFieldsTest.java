package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The fields of W3C Trace Context and Baggage while requests are not traced. */
@ParameterizedClass
@MethodSource("lanes")
class TraceFieldsTest extends LaneProtocolTable {
  @Override
  protected boolean isTraced() {
    return false;
  }

  @Test
  void they_pass_unchanged_well_formed_or_not() {
    start(two());
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    client()
        .get(
            "/",
            "traceparent: " + parent,
            "traceparent: none",
            "tracestate: a=1",
            "tracestate: ,b",
            "baggage: k=v;p");
    assertThat(master.calls().getFirst().headers("traceparent")).containsExactly(parent, "none");
    assertThat(master.calls().getFirst().headers("tracestate")).containsExactly("a=1", ",b");
    assertThat(master.calls().getFirst().headers("baggage")).containsExactly("k=v;p");
    assertThat(seen.outcome().trace()).isNull();
  }

  @Test
  void none_is_added() {
    start(two());
    client().get("/");
    assertThat(master.calls().getFirst().head()).doesNotContainIgnoringCase("trace");
  }
}
