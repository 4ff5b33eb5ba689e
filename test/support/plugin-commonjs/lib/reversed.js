// biome-ignore-all lint/style/noCommonJs: that is what this package is for.

exports.reversed = (text) => [...text].reverse().join('');
