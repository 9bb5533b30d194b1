export const products = [
  { id: 'mug', name: 'Mug', cents: 1250 },
  { id: 'pen', name: 'Pen', cents: 199 },
  { id: 'bag', name: 'Bag', cents: 4900 },
];

export function productById(id) {
  return products.find((product) => product.id === id);
}
