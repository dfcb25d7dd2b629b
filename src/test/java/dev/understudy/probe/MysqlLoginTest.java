package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first answers of the plugins, by vectors that other clients of MySQL are tested with. */
class MysqlLoginTest {
  @ParameterizedTest
  @CsvSource({
    "mysql_native_password, secret, 46725c5e01260b743f7217657e671a5f51111815,"
        + " 35b18c9ffbbd7f356dfcac32d3c0f0a41a30cf2d",
    "caching_sha2_password, secret, 0a2f4a6f4b492230584c724a250d035052021715,"
        + " f490e76f66d9d86665ce54d98c78d0acfe2fb0b08b423da807144873d30b312c",
    "caching_sha2_password, secret2, 0a2f4a6f4b492230584c724a250d035052021715,"
        + " abc3934a012cf342e876071c8ee202de51785b430258a7a0138bc79c4d800bc6",
  })
  void a_password_is_mixed_with_the_salt(String plugin, String password, String salt, String mixed)
      throws Exception {
    byte[] answer = new MysqlLogin(password).change(plugin, HexFormat.of().parseHex(salt));
    assertThat(HexFormat.of().formatHex(answer)).isEqualTo(mixed);
  }
}
