package org.ebpf4j.runtime.internal.helper;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The ciphers that programs may use, of which `java.base` has an implementation: AES block by
/// block, or chained. Their state in memory is the cipher's number, the key's length, and the key.
///
/// Source: `crypto/ecb.c`, `crypto/cbc.c` of Linux 6.18.
enum BlockCipher {
  ECB("ecb(aes)", "AES/ECB/NoPadding", 0),
  CBC("cbc(aes)", "AES/CBC/NoPadding", 16);

  /// Bytes of a state.
  static final int STATE_BYTES = 40;

  private static final int BLOCK = 16;
  private static final int KEY_LENGTH = 4;
  private static final int KEY = 8;

  private final String title;
  private final String transformation;
  private final int vectorBytes;

  BlockCipher(String title, String transformation, int vectorBytes) {
    this.title = title;
    this.transformation = transformation;
    this.vectorBytes = vectorBytes;
  }

  /// The cipher that Linux calls so.
  static Optional<BlockCipher> named(String name) {
    for (BlockCipher cipher : values()) {
      if (cipher.title.equals(name)) {
        return Optional.of(cipher);
      }
    }
    return Optional.empty();
  }

  /// The cipher of a state.
  static BlockCipher at(long state) {
    return values()[Memory.getInt(state)];
  }

  /// Bytes of the initialisation vector.
  int vectorBytes() {
    return vectorBytes;
  }

  /// Whether keys may have so many bytes.
  boolean takesKey(int bytes) {
    return bytes == 16 || bytes == 24 || bytes == 32;
  }

  /// Writes the state of this cipher with a key.
  void store(long state, byte[] key) {
    Memory.putInt(state, ordinal());
    Memory.putInt(state + KEY_LENGTH, key.length);
    Memory.copy(key, 0, state + KEY, key.length);
  }

  /// Encrypts or decrypts whole blocks, and leaves the vector as the next block needs it; 0, or
  /// `EINVAL` if bytes remain.
  long crypt(long state, long from, long to, int length, long vector, boolean encrypt) {
    int whole = length / BLOCK * BLOCK;
    if (whole > 0) {
      byte[] text = Memory.bytes(from, whole);
      byte[] made = transform(state, text, vector, encrypt);
      Memory.copy(made, 0, to, whole);
      if (vectorBytes > 0) {
        Memory.copy(encrypt ? made : text, whole - BLOCK, vector, BLOCK);
      }
    }
    return whole == length ? 0 : Errno.EINVAL.negated();
  }

  private byte[] transform(long state, byte[] text, long vector, boolean encrypt) {
    byte[] key = Memory.bytes(state + KEY, Memory.getInt(state + KEY_LENGTH));
    int mode = encrypt ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
    try {
      Cipher cipher = Cipher.getInstance(transformation);
      SecretKeySpec secret = new SecretKeySpec(key, "AES");
      if (vectorBytes == 0) {
        cipher.init(mode, secret);
      } else {
        cipher.init(mode, secret, new IvParameterSpec(Memory.bytes(vector, vectorBytes)));
      }
      return cipher.doFinal(text);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JVM has " + transformation, impossible);
    }
  }
}
